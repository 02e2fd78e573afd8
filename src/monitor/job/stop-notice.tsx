import { formatDuration } from '../format/times.ts';
import type { JobDetailFragment } from '../graphql/graphql.ts';

/** A notice that the server stopped a job that could never start, or that the training did not end on its own after a stop request. */
export function StopNotice({ job: { stop, finishedAt } }: { job: Pick<JobDetailFragment, 'stop' | 'finishedAt'> }) {
  if (stop?.reason != null) {
    return (
      <p className="notice" role="status">
        {stop.reason}
      </p>
    );
  }
  if (stop === null || stop.graceful) return null;
  const { killedAfterSeconds, lastCheckpoint } = stop;
  const age =
    finishedAt === null || lastCheckpoint === null ? null : Date.parse(finishedAt) - Date.parse(lastCheckpoint.savedAt);
  return (
    <p className="notice" role="status">
      {killedAfterSeconds === null
        ? 'The training did not end normally after the stop request. '
        : `The training did not end within ${formatDuration(killedAfterSeconds)} of the stop request and was killed. `}
      {lastCheckpoint === null || age === null
        ? 'There is no checkpoint.'
        : `The last checkpoint is from ${formatDuration(age / 1000)} before the end: ${lastCheckpoint.path}.`}
    </p>
  );
}
