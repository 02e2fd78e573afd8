import { chosenModel, measuredOn, metricName, roundScore } from '../../client/score-words.ts';
import type { Evaluation } from '../evaluation.ts';
import type { JobResultFragment } from '../graphql/graphql.ts';
import { hasEnded } from '../training-view.ts';
import { formatCount, formatMetric } from './format.ts';
import type { Screen } from './screen.ts';

/** The value of a metric in a table or sentence. */
export function formatScore(name: string, value: number | null): string {
  return formatMetric(value === null ? null : roundScore(name, value));
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
  const evaluation = job.evaluation as Evaluation | null;
  // While a resumed job trains on, its score so far is newer.
  const details = evaluation?.score === name && evaluation.part === part ? evaluation : null;
  const shown = (value: number) => `${formatScore(name, value)}${unit === null ? '' : ` ${unit}`}`;
  const trivial = details?.baseline ? `always predicting the ${details.baseline}` : 'baseline';
  const against = baseline === null ? '' : ` (${trivial}: ${shown(baseline)})`;
  const sentences = [
    `Measured ${measuredOn(part, rows, details?.folds ?? null)}.`,
    chosenModel(epoch, details?.chosenBy ?? null),
    step === null ? null : `It is the best value${hasEnded(status) ? '' : ' so far'}, at step ${formatCount(step)}.`,
  ];
  const notes = details?.notes ?? [];
  const warnings = hardlyBetter && notes.length === 0 ? ['The model is hardly better than the baseline.'] : notes;
  return [
    `${screen.style(hardlyBetter ? ['red', 'bold'] : 'bold', `${metricName(name)} ${shown(score.value)}`)}${against}`,
    sentences.filter((sentence) => sentence !== null).join(' '),
    ...describeData(job),
    ...warnings.map((warning) => screen.style(hardlyBetter ? 'red' : 'yellow', warning)),
  ];
}

/** The dataset and the target of a job: `Data: houses.csv, target price.` */
function describeData({ dataset, settings }: Pick<JobResultFragment, 'dataset' | 'settings'>): string[] {
  if (dataset === null) return [];
  const target = (settings as { options?: { target?: unknown } } | null)?.options?.target;
  const names = [target].flat().filter((name) => typeof name === 'string');
  return [`Data: ${dataset}${names.length > 0 ? `, target ${names.join(', ')}` : ''}.`];
}
