import type { StopDetailFragment } from '../graphql/graphql.ts';
import { formatDuration } from './format.ts';

/**
 * A sentence about a stop that was not graceful, with the last checkpoint, or about the reason why the server stopped
 * the job; null if there is nothing to say.
 * @param finishedAt when the job ended, ISO 8601
 */
export function describeStop(stop: StopDetailFragment | null, finishedAt: string | null): string | null {
  if (stop?.reason != null) return stop.reason;
  if (stop === null || stop.graceful) return null;
  const { killedAfterSeconds, lastCheckpoint } = stop;
  const how =
    killedAfterSeconds === null
      ? 'The training did not end normally after the stop request.'
      : `The training did not end within ${formatDuration(killedAfterSeconds)} and was killed.`;
  if (lastCheckpoint === null) return `${how} There is no checkpoint.`;
  const age = finishedAt === null ? null : (Date.parse(finishedAt) - Date.parse(lastCheckpoint.savedAt)) / 1000;
  const when = age === null ? `saved at ${lastCheckpoint.savedAt}` : `saved ${formatDuration(age)} before the end`;
  return `${how} Last checkpoint: ${lastCheckpoint.path}, ${when}.`;
}
