/** The part of the data that a score was measured on. */
export type ScorePart = 'TEST' | 'CROSS_VALIDATION' | 'VALIDATION' | 'TRAINING';

/** The JSON of `Job.evaluation`, which the server has validated: see docs/metrics.md. */
export interface Evaluation {
  readonly part: ScorePart;
  readonly rows: number | null;
  readonly folds: number | null;
  readonly epoch: number | null;
  readonly chosenBy: string | null;
  readonly score: string;
  readonly metrics: readonly {
    readonly name: string;
    readonly value: number | null;
    readonly goal: 'MAX' | 'MIN';
    readonly unit: string | null;
    readonly baseline: number | null;
  }[];
  readonly baseline: string | null;
  readonly confusion: { readonly labels: readonly string[]; readonly counts: readonly (readonly number[])[] } | null;
  readonly predictions: {
    readonly actual: readonly (number | null)[];
    readonly predicted: readonly (number | null)[];
  } | null;
  readonly importance: readonly { readonly name: string; readonly value: number | null }[] | null;
  readonly notes: readonly string[];
}
