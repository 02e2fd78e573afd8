import { formatCount, formatNumber } from '../format/numbers.ts';
import type { ScoreDetailFragment, ScorePart } from '../graphql/graphql.ts';

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

/** Metrics without a unit, whose ideal is 1. */
const RATIOS: ReadonlySet<string> = new Set(['r2', 'accuracy', 'balanced_accuracy', 'macro_f1', 'roc_auc']);

/** Difference of two ratios from which a model is worse than the baseline, not just as good. */
const WORSE = 0.05;

const PART_NAMES: Readonly<Record<ScorePart, string>> = {
  TEST: 'test',
  CROSS_VALIDATION: 'cross-validation',
  VALIDATION: 'validation',
  TRAINING: 'training',
};

/** The display name of a metric: `r2` is R², `rmse/width` is RMSE of width; other names stay as they are. */
export function metricName(name: string): string {
  const [kind = '', ...of] = name.split('/');
  const shown = METRIC_NAMES[kind];
  return shown === undefined ? name : of.length === 0 ? shown : `${shown} of ${of.join('/')}`;
}

/** The value of a metric with its unit: `12.3 EUR`. Four decimals are enough for a ratio: 0 instead of 4.30e-8. */
export function metricValue(name: string, value: number | null, unit: string | null): string {
  if (value === null) return '–';
  const text = formatNumber(RATIOS.has(name) ? Number(value.toFixed(4)) + 0 : value);
  return unit === null ? text : `${text} ${unit}`;
}

/** How a model compares with its baseline, before the value of the baseline. */
export function baselineLabel({ name, value, baseline, hardlyBetter }: ScoreDetailFragment): string {
  if (hardlyBetter !== true) return 'baseline';
  const isWorse = RATIOS.has(name) && baseline !== null && value < baseline - WORSE;
  return isWorse ? 'below baseline' : '≈ baseline';
}

/** Metric and part of a score: `Accuracy, test`. */
export function scoreLabel({ name, part }: Pick<ScoreDetailFragment, 'name' | 'part'>): string {
  return `${metricName(name)}, ${PART_NAMES[part]}`;
}

/** The rows that a score was measured on, as the end of a sentence. */
export function measuredOn(part: ScorePart, rows: number | null, folds: number | null): string {
  const count = rows === null ? '' : `${formatCount(rows)} `;
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
