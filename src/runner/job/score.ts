import type { Goal } from './metric-direction.ts';

/** The part of the data that a score was measured on. Only `TEST` and `CROSS_VALIDATION` are held-out data. */
export const SCORE_PARTS = ['TEST', 'VALIDATION', 'CROSS_VALIDATION', 'TRAINING'] as const;
export type ScorePart = (typeof SCORE_PARTS)[number];

/** The main metric of a job, which is used to compare jobs. */
export interface Score {
  /** Name of the metric. */
  readonly name: string;
  readonly value: number;
  readonly goal: Goal;
  /** Value of a trivial model, such as one that predicts the mean; null if unknown. */
  readonly baseline: number | null;
  readonly part: ScorePart;
  /** Epoch of the model; null if unknown. */
  readonly epoch: number | null;
  /** Step of the best value, for a score that the trainer did not report itself. */
  readonly step: number | null;
  /** Number of examples that it was measured on; null if unknown. */
  readonly rows: number | null;
  readonly unit: string | null;
}

/** A score in a status file. */
export type ReportedScore = Omit<Score, 'goal' | 'step'> & { readonly goal: Goal | null };

/** Share of the way from the baseline to the ideal below which a model is hardly better than the baseline. */
const HARDLY_BETTER = 0.05;
/** Sorts scores by how good they are: higher is better for every metric. */
export function goodnessOf({ value, goal }: Score): number {
  return goal === 'MAX' ? value : -value;
}

/** Whether a model is hardly better than the baseline, or worse; null if there is no baseline. */
export function isHardlyBetter({ value, goal, baseline }: Score): boolean | null {
  if (baseline === null) return null;
  if (goal === 'MIN') return value > baseline - HARDLY_BETTER * Math.abs(baseline);
  // The ideal of most such metrics is 1; without that, any progress counts.
  const left = baseline < 1 && value <= 1 ? 1 - baseline : 0;
  return value <= baseline + HARDLY_BETTER * left;
}
