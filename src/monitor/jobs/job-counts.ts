import { JOB_STATUSES } from '../../client/graphql/job-statuses.ts';
import type { JobCountsFragment, JobStatus } from '../graphql/graphql.ts';
import { isInTab, type Tab } from './job-query.ts';

export type Counts = Readonly<Record<JobStatus, number>>;

/** The counts of the API, by status. */
export function toCounts(counts: JobCountsFragment): Counts {
  const statuses = Object.keys(JOB_STATUSES) as JobStatus[];
  return Object.fromEntries(
    statuses.map((status) => [status, counts[status.toLowerCase() as Lowercase<JobStatus>]]),
  ) as Record<JobStatus, number>;
}

/** The number of jobs in a tab. */
export function countForTab(counts: Counts, tab: Tab): number {
  return Object.entries(counts).reduce(
    (sum, [status, count]) => (isInTab(tab, status as JobStatus) ? sum + count : sum),
    0,
  );
}

/** `counts` after a job changed its status; null means that the job did not exist before, or was deleted. */
export function moved(counts: Counts, from: JobStatus | null, to: JobStatus | null): Counts {
  const next = { ...counts };
  if (from !== null) next[from] = Math.max(0, next[from] - 1);
  if (to !== null) next[to] += 1;
  return next;
}
