import type { ScoreDetailFragment } from '../graphql/graphql.ts';
import { formatCount, formatMetric } from './format.ts';

const PARTS = {
  TEST: 'test rows',
  CROSS_VALIDATION: 'rows, cross-validated',
  VALIDATION: 'validation rows, also used to choose the epoch',
  TRAINING: 'training rows',
} as const satisfies Record<ScoreDetailFragment['part'], string>;

/** The score of a job as a sentence: `r2 0.9634 (baseline 0) on 60 test rows, epoch 73.` */
export function describeScore({ name, value, unit, baseline, part, rows, epoch }: ScoreDetailFragment): string {
  const shown = (number: number) => `${formatScore(name, number)}${unit === null ? '' : ` ${unit}`}`;
  const against = baseline === null ? '' : ` (baseline ${shown(baseline)})`;
  const on = ` on ${rows === null ? '' : `${formatCount(rows)} `}${PARTS[part]}`;
  return `${name} ${shown(value)}${against}${on}${epoch === null ? '' : `, epoch ${formatCount(epoch)}`}.`;
}

/** Metrics without a unit, whose ideal is 1: four decimals are enough, so that -4.3e-8 is 0. */
const RATIOS: ReadonlySet<string> = new Set(['r2', 'accuracy', 'balanced_accuracy', 'macro_f1', 'roc_auc']);

/** The value of a metric in a table or sentence. */
export function formatScore(name: string, value: number | null): string {
  return formatMetric(value !== null && RATIOS.has(name) ? Number(value.toFixed(4)) + 0 : value);
}
