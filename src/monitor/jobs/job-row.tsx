import { type CSSProperties, memo, useSyncExternalStore } from 'react';
import { Link } from 'wouter';
import { hasEnded, secondsLeft } from '../../client/job-progress.ts';
import { type Metrics, nonFiniteText } from '../curves/curve.ts';
import { TimeAgo } from '../format/time-ago.tsx';
import { formatCount } from '../format/numbers.ts';
import { formatDuration } from '../format/times.ts';
import type { FailureReason, JobRowFragment } from '../graphql/graphql.ts';
import { createDeletions } from '../live/deletions.ts';
import { useSession } from '../live/session-context.ts';
import type { RowStore } from '../live/row-store.ts';
import { ScoreCell } from '../score/score-cell.tsx';
import { createLastOpened } from './last-opened.ts';
import { useSelected } from './selection.ts';
import { ProgressBar, StatusBadge } from './status.tsx';

interface Place {
  /** From 0, among all rows. */
  readonly index: number;
  /** Pixels from the first row, and of this one. */
  readonly top: number;
  readonly height: number;
}

/** One row of the list. It renders again when its job changes or the row moves, not when other rows do or the list scrolls. */
export const JobRow = memo(function JobRow({
  id,
  rows,
  ...place
}: Place & { id: string; rows: Pick<RowStore<JobRowFragment>, 'get' | 'subscribe'> }) {
  const job = useSyncExternalStore(
    (listener) => rows.subscribe(id, listener),
    () => rows.get(id),
  );
  const deletions = useSession().getOrCreate(createDeletions);
  const isDeleting = useSyncExternalStore(deletions.view.subscribe, () => {
    const state = deletions.view.get();
    return state.kind === 'PENDING' && state.keys.has(id);
  });
  // Deleted between two frames.
  if (!job) return <RowPlaceholder {...place} />;
  return (
    <div
      className="job-row"
      role="row"
      aria-rowindex={place.index + 2}
      style={styleOf(place)}
      data-deleting={isDeleting ? '' : undefined}
    >
      <RowContent job={job} />
    </div>
  );
});

/** Placeholder for a row that is not loaded yet. */
export function RowPlaceholder(place: Place) {
  return (
    <div className="job-row job-placeholder" role="row" aria-rowindex={place.index + 2} style={styleOf(place)}>
      <span role="cell" />
      <span role="cell">
        <span className="visually-hidden">Loading</span>
      </span>
    </div>
  );
}

const styleOf = ({ top, height }: Place): CSSProperties => ({ transform: `translateY(${top}px)`, height });

const RowContent = memo(function RowContent({ job }: { job: JobRowFragment }) {
  const { progress, status } = job;
  const left = secondsLeft(progress);
  const lastOpened = useSession().getOrCreate(createLastOpened);
  const name = job.name ?? job.id;
  return (
    <>
      <SelectionCell id={job.id} name={name} />
      <span role="cell" className="job-what">
        <Link
          href={`/jobs/${job.id}`}
          className={job.name === null ? 'job-name job-id' : 'job-name'}
          onClick={() => (lastOpened.id = job.id)}
        >
          {job.name ?? <Id id={job.id} />}
        </Link>
        <span className="job-sub">
          {job.dataset ?? job.trainer}
          {job.simulation && <span className="tag quiet">simulation</span>}
          {job.tags.map((tag) => (
            <Link key={tag} href={`/?tag=${encodeURIComponent(tag)}`} className="tag">
              {tag}
            </Link>
          ))}
        </span>
      </span>
      <span role="cell" className="job-status">
        <StatusBadge status={status} health={job.health} />
        {job.failure && <span className="job-sub">{reasonText(job.failure)}</span>}
        {job.queuePosition !== null && <span className="job-sub">position {formatCount(job.queuePosition)}</span>}
      </span>
      <span role="cell" className="job-progress">
        <ProgressBar percent={progress.percent} status={status} label={`Progress of ${name}`} />
        <span className="job-sub">
          {Math.floor(progress.percent)}%
          {progress.epoch > 0 &&
            ` · epoch ${formatCount(progress.epoch)}${progress.epochs === null ? '' : `/${formatCount(progress.epochs)}`}`}
          {!hasEnded(status) && left !== null && ` · ${formatDuration(left)} left`}
        </span>
      </span>
      <span role="cell" className="job-score">
        {job.score ? <ScoreCell score={job.score} /> : <MissingScore metrics={progress.metrics} />}
      </span>
      <span role="cell" className="job-when job-sub">
        <TimeAgo time={job.finishedAt ?? job.createdAt} />
      </span>
    </>
  );
});

/** An id in two parts, of which the first is cut when there is not enough space. */
function Id({ id }: { id: string }) {
  const end = id.lastIndexOf('_') + 1;
  return (
    <>
      <span>{id.slice(0, end)}</span>
      <span>{id.slice(end)}</span>
    </>
  );
}

function SelectionCell({ id, name }: { id: string; name: string }) {
  const { isSelected, toggle } = useSelected(id);
  return (
    <span role="cell" className="job-select">
      <input type="checkbox" checked={isSelected} onChange={toggle} aria-label={`Select ${name}`} />
    </span>
  );
}

/** Shows a loss that is NaN or infinite; a dash if there is none. */
function MissingScore({ metrics }: { metrics: unknown }) {
  return nonFiniteText((metrics as Metrics)['loss']) ?? <span className="job-sub">–</span>;
}

function reasonText({ reason, message }: NonNullable<JobRowFragment['failure']>): string {
  return reason === 'INVALID_DATASET' && /\btarget\b/.test(message) ? 'wrong target' : REASON_TEXTS[reason];
}

const REASON_TEXTS: Readonly<Record<FailureReason, string>> = {
  EXIT_NONZERO: 'error exit code',
  HOST_REBOOT: 'machine restarted',
  INVALID_DATASET: 'unusable table',
  OUT_OF_MEMORY: 'out of memory',
  SIGNAL: 'killed',
  SPAWN_FAILED: 'could not start',
  START_TIMEOUT: 'start timeout',
  TIME_LIMIT: 'time limit exceeded',
  TRAINER_ERROR: 'exception',
  VANISHED: 'process disappeared',
  PREEMPTED: 'preempted',
  NODE_FAIL: 'node failed',
};
