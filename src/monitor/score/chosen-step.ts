import type { Mark } from '../curves/mark.ts';
import { formatCount } from '../format/numbers.ts';
import type { JobDetailFragment } from '../graphql/graphql.ts';

/** The step of the model that the score of a job belongs to; null if it is unknown. */
export function chosenStep({ score, progress }: Pick<JobDetailFragment, 'score' | 'progress'>): Mark | null {
  if (score === null) return null;
  if (score.step !== null) return { step: score.step, label: `best at step ${formatCount(score.step)}` };
  const { step, epoch, totalSteps, epochs } = progress;
  const perEpoch = totalSteps !== null && epochs ? totalSteps / epochs : epoch > 0 ? step / epoch : NaN;
  const chosen = Math.round((score.epoch ?? NaN) * perEpoch);
  return Number.isFinite(chosen) && score.epoch !== null
    ? { step: chosen, label: `chosen: epoch ${formatCount(score.epoch)}` }
    : null;
}
