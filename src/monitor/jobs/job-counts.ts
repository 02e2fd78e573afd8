import type { JobCountsFragment, JobStatus } from '../graphql/graphql.ts';
import { isShown, type Tab } from './job-query.ts';

export type Counts = Readonly<Record<JobStatus, number>>;

/** The API's counts by the names of the statuses. */
export function countsOf(counts: JobCountsFragment): Counts {
  return {
    QUEUED: counts.queued,
    STARTING: counts.starting,
    LOADING: counts.loading,
    RUNNING: counts.running,
    STOPPING: counts.stopping,
    COMPLETED: counts.completed,
    STOPPED: counts.stopped,
    ERROR: counts.error,
  };
}

/** How many jobs a tab shows. */
export function countOfTab(counts: Counts, tab: Tab): number {
  return Object.entries(counts).reduce(
    (sum, [status, count]) => (isShown(tab, status as JobStatus) ? sum + count : sum),
    0,
  );
}

/** `counts` after a job went from one status to another; null is where it was not, or is not any more. */
export function moved(counts: Counts, from: JobStatus | null, to: JobStatus | null): Counts {
  const next = { ...counts };
  if (from !== null) next[from] = Math.max(0, next[from] - 1);
  if (to !== null) next[to] += 1;
  return next;
}
