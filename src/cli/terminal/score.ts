import type { Evaluation } from '../../client/evaluation.ts';
import { hasEnded } from '../../client/job-progress.ts';
import {
  bestStep,
  chosenModel,
  comparedWith,
  detailsOf,
  isRatio,
  measuredOn,
  metricName,
  roundScore,
  warningsOf,
} from '../../client/score-words.ts';
import type { JobResultFragment } from '../graphql/graphql.ts';
import { formatMetric } from './format.ts';
import type { Screen } from './screen.ts';

/** The value of a metric in a table or sentence. One whose ideal is 1 has four decimals: `-0.0001`, not `-0.0001000`. */
export function formatScore(name: string, value: number | null): string {
  if (value === null) return formatMetric(null);
  const rounded = roundScore(name, value);
  return isRatio(name) && rounded !== 0 && Math.abs(rounded) < 1 ? rounded.toFixed(4) : formatMetric(rounded);
}

/**
 * How good the model of a job is, compared with what, measured on which data, and from which epoch, as paragraphs; none before
 * the first score. The words are those of the page.
 */
export function describeResult(
  job: Pick<JobResultFragment, 'status' | 'dataset' | 'settings' | 'score' | 'evaluation'>,
  screen: Pick<Screen, 'style'>,
): string[] {
  const { score, status } = job;
  if (score === null) return [];
  const { name, unit, baseline, hardlyBetter, part, rows, epoch, step } = score;
  const details = detailsOf(score, job.evaluation as Evaluation | null);
  const shown = (value: number) => `${formatScore(name, value)}${unit === null ? '' : ` ${unit}`}`;
  const against = baseline === null ? '' : ` (${comparedWith(details)}: ${shown(baseline)})`;
  const sentences = [
    `Measured ${measuredOn(part, rows, details?.folds ?? null)}.`,
    chosenModel(epoch, details?.chosenBy ?? null),
    bestStep(step, hasEnded(status)),
  ];
  return [
    `${screen.style(hardlyBetter ? ['red', 'bold'] : 'bold', `${metricName(name)} ${shown(score.value)}`)}${against}`,
    sentences.filter((sentence) => sentence !== null).join(' '),
    ...describeData(job),
    ...warningsOf(score, details).map((warning) => screen.style(hardlyBetter ? 'red' : 'yellow', warning)),
  ];
}

/** The dataset and the target of a job: `Data: houses.csv, target price.` */
function describeData({ dataset, settings }: Pick<JobResultFragment, 'dataset' | 'settings'>): string[] {
  if (dataset === null) return [];
  const target = (settings as { options?: { target?: unknown } } | null)?.options?.target;
  const names = [target].flat().filter((name) => typeof name === 'string');
  return [`Data: ${dataset}${names.length > 0 ? `, target ${names.join(', ')}` : ''}.`];
}
