/** The words for the score of a job, the same in the terminal and on the page. */
import type { Evaluation, ScorePart } from './evaluation.ts';

/** The parts of a score that its description needs: see `Score` in the schema. */
export interface DescribedScore {
  readonly name: string;
  readonly value: number;
  readonly baseline: number | null;
  readonly hardlyBetter: boolean | null;
  readonly part: ScorePart;
}

const METRIC_NAMES: Readonly<Record<string, string>> = {
  r2: 'R²',
  rmse: 'RMSE',
  mae: 'MAE',
  accuracy: 'Accuracy',
  balanced_accuracy: 'Balanced accuracy',
  macro_f1: 'Macro F1',
  log_loss: 'Log loss',
  roc_auc: 'ROC AUC',
};

const PART_NAMES: Readonly<Record<ScorePart, string>> = {
  TEST: 'test',
  CROSS_VALIDATION: 'cross-validation',
  VALIDATION: 'validation',
  TRAINING: 'training',
};

const RATIOS: ReadonlySet<string> = new Set(['r2', 'accuracy', 'balanced_accuracy', 'macro_f1', 'roc_auc']);

/** Difference of two ratios from which a model is worse than the baseline, not just as good. */
const WORSE = 0.05;

/** The display name of a metric: `r2` is R², `rmse/width` is RMSE of width; other names stay as they are. */
export function metricName(name: string): string {
  const [kind = '', ...of] = name.split('/');
  const shown = METRIC_NAMES[kind];
  return shown === undefined ? name : of.length === 0 ? shown : `${shown} of ${of.join('/')}`;
}

/** Whether a metric has no unit, and an ideal of 1. */
export function isRatio(name: string): boolean {
  return RATIOS.has(name);
}

/** Rounds the value of a metric without a unit, whose ideal is 1: four decimals are enough, so that -4.3e-8 is 0. */
export function roundScore(name: string, value: number): number {
  return RATIOS.has(name) ? Number(value.toFixed(4)) + 0 : value;
}

/** How a model compares with its baseline, before the value of the baseline. */
export function baselineLabel({ name, value, baseline, hardlyBetter }: DescribedScore): string {
  if (hardlyBetter !== true) return 'baseline';
  const isWorse = RATIOS.has(name) && baseline !== null && value < baseline - WORSE;
  return isWorse ? 'below baseline' : '≈ baseline';
}

/** Metric and part of a score: `Accuracy, test`. */
export function scoreLabel({ name, part }: Pick<DescribedScore, 'name' | 'part'>): string {
  return `${metricName(name)}, ${PART_NAMES[part]}`;
}

/** The rows that a score was measured on, as the end of a sentence. */
export function measuredOn(part: ScorePart, rows: number | null, folds: number | null): string {
  const count = rows === null ? '' : `${rows.toLocaleString('en')} `;
  switch (part) {
    case 'TEST':
      return `on ${count}held-out test rows`;
    case 'CROSS_VALIDATION':
      return `on all ${count}rows, in a cross-validation with ${folds ?? 'several'} parts`;
    case 'VALIDATION':
      return `on ${count}validation rows, which were also used to choose the epoch: the score is optimistic`;
    case 'TRAINING':
      return `on ${count}training data`;
    default:
      return part satisfies never;
  }
}

/** The evaluation of a job, if it belongs to the score: while a resumed job trains on, its score so far is newer. */
export function detailsOf(
  { name, part }: Pick<DescribedScore, 'name' | 'part'>,
  evaluation: Evaluation | null,
): Evaluation | null {
  return evaluation?.score === name && evaluation.part === part ? evaluation : null;
}

/** What a model is compared with, before the value of the baseline. */
export function comparedWith(details: Evaluation | null): string {
  return details?.baseline ? `always predicting the ${details.baseline}` : 'baseline';
}

/** The step of a score that is the best value of a metric, as a sentence; null if it is not. */
export function bestStep(step: number | null, hasEnded: boolean): string | null {
  return step === null
    ? null
    : `It is the best value${hasEnded ? '' : ' so far'}, at step ${step.toLocaleString('en')}.`;
}

/** What to know before one relies on a model, as sentences. */
export function warningsOf(
  { hardlyBetter }: Pick<DescribedScore, 'hardlyBetter'>,
  details: Evaluation | null,
): readonly string[] {
  const notes = details?.notes ?? [];
  return hardlyBetter && notes.length === 0 ? ['The model is hardly better than the baseline.'] : notes;
}

/** The model that a score belongs to, as a sentence; null if its epoch is unknown. @param chosenBy the metric that chose the epoch */
export function chosenModel(epoch: number | null, chosenBy: string | null): string | null {
  if (epoch === null) return null;
  const why = chosenBy === null ? '' : `, which has the lowest ${chosenBy}`;
  return `The model is that of epoch ${epoch.toLocaleString('en')}${why}.`;
}
