import { z } from 'zod';
import type { Home } from '../home.ts';
import { type Goal, goalOf } from '../job/metric-direction.ts';
import type { MetricNumber } from '../job/metric-number.ts';
import type { ScorePart } from '../job/score.ts';
import { visibleLine } from '../job/visible-text.ts';
import { readJson, UnreadableFileError } from './read-json.ts';
import { count, goal, metricName, metricNumber, part, text, unixTime } from './status-file.ts';

const MAX_METRICS = 100;
const MAX_LABELS = 50;
const MAX_PREDICTIONS = 1000;
const MAX_IMPORTANCE = 100;
const MAX_NOTES = 20;

const label = text(128).transform(visibleLine);
const metrics = z.record(metricName, metricNumber).refine((record) => Object.keys(record).length <= MAX_METRICS);
const list = <Item extends z.ZodType>(item: Item, most: number) => z.array(z.unknown()).max(most).pipe(z.array(item));

const evaluationFile = z.object({
  job_id: z.string(),
  attempt: z.number().int().positive(),
  at: unixTime,
  part,
  rows: count.nullable().default(null),
  folds: count.nullable().default(null),
  epoch: count.nullable().default(null),
  chosen_by: label.nullable().default(null),
  score: metricName,
  goal: goal.nullable().default(null),
  metrics,
  baseline: z.object({ name: label, metrics }).nullable().default(null),
  units: z.record(metricName, text(32).transform(visibleLine)).default({}),
  confusion: z
    .object({ labels: list(label, MAX_LABELS), counts: list(list(count, MAX_LABELS), MAX_LABELS) })
    .refine(({ labels, counts }) => [counts, ...counts].every((row) => row.length === labels.length))
    .nullable()
    .default(null),
  predictions: z
    .object({ actual: list(metricNumber, MAX_PREDICTIONS), predicted: list(metricNumber, MAX_PREDICTIONS) })
    .refine(({ actual, predicted }) => actual.length === predicted.length)
    .nullable()
    .default(null),
  importance: list(z.object({ name: label, value: metricNumber }), MAX_IMPORTANCE)
    .nullable()
    .default(null),
  notes: list(text(500).transform(visibleLine), MAX_NOTES).default([]),
});

/** The quality of a job's model, as its trainer measured it. Numbers that are not finite are null. */
export interface Evaluation {
  readonly attempt: number;
  /** Unix ms. */
  readonly at: number;
  readonly part: ScorePart;
  /** Number of examples measured. */
  readonly rows: number | null;
  /** Number of parts of a cross-validation. */
  readonly folds: number | null;
  /** Epoch of the model, and the metric whose best value chose it. */
  readonly epoch: number | null;
  readonly chosenBy: string | null;
  /** Name of the main metric. */
  readonly score: string;
  readonly metrics: readonly {
    readonly name: string;
    readonly value: number | null;
    readonly goal: Goal;
    readonly unit: string | null;
    readonly baseline: number | null;
  }[];
  /** Prediction of the baseline, for example `mean`; null without one. */
  readonly baseline: string | null;
  /** `counts` has a row for each actual class, with the number of predictions of each class. */
  readonly confusion: { readonly labels: readonly string[]; readonly counts: readonly (readonly number[])[] } | null;
  /** Numbers of the same rows; at most 1,000. */
  readonly predictions: {
    readonly actual: readonly (number | null)[];
    readonly predicted: readonly (number | null)[];
  } | null;
  /** Decrease of the score without an input, highest first; at most 100. */
  readonly importance: readonly { readonly name: string; readonly value: number | null }[] | null;
  readonly notes: readonly string[];
}

/** Reads the newest evaluation of a job; null if there is none, or it cannot be trusted. */
export async function readEvaluation(home: Home, jobId: string): Promise<Evaluation | null> {
  let json: unknown;
  try {
    json = await readJson(home.evaluation(jobId));
  } catch (error) {
    if (error instanceof UnreadableFileError) return null;
    throw error;
  }
  const parsed = evaluationFile.safeParse(json);
  if (!parsed.success || parsed.data.job_id !== jobId) return null;
  const file = parsed.data;
  return {
    attempt: file.attempt,
    at: file.at,
    part: file.part,
    rows: file.rows,
    folds: file.folds,
    epoch: file.epoch,
    chosenBy: file.chosen_by,
    score: file.score,
    metrics: Object.entries(file.metrics).map(([name, value]) => ({
      name,
      value: finite(value),
      goal: name === file.score && file.goal ? file.goal : goalOf(name),
      unit: file.units[name] ?? null,
      baseline: finite(file.baseline?.metrics[name] ?? null),
    })),
    baseline: file.baseline?.name ?? null,
    confusion: file.confusion,
    predictions: file.predictions && {
      actual: file.predictions.actual.map(finite),
      predicted: file.predictions.predicted.map(finite),
    },
    importance: file.importance?.map(({ name, value }) => ({ name, value: finite(value) })) ?? null,
    notes: file.notes,
  };
}

function finite(value: MetricNumber): number | null {
  return typeof value === 'number' ? value : null;
}
