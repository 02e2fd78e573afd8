import type { JobCounts, JobFilter } from '../runner/index.ts';
import type { Context } from './context.ts';

/** Number of jobs that match a filter. */
export function countJobs({ runner }: Context, filter: JobFilter | null): number {
  return runner.count(filter);
}

/** Number of jobs that match a filter, by status. */
export function countJobsByStatus({ runner }: Context, filter: JobFilter | null | undefined): JobCounts {
  return runner.counts(filter);
}
