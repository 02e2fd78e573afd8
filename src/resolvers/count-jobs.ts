import type { JobCounts, JobFilter } from '../runner/index.ts';
import type { Context } from './context.ts';

/** How many jobs a filter lets through. */
export function countJobs({ runner }: Context, filter: JobFilter | null): number {
  return runner.count(filter);
}

/** The same of each status. */
export function countJobsByStatus({ runner }: Context, filter: JobFilter | null | undefined): JobCounts {
  return runner.counts(filter);
}
