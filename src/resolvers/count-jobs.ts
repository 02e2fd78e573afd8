import { type JobCounts, type JobFilter, needsIndex } from '../runner/index.ts';
import type { Context } from './context.ts';

/** Number of jobs that match a filter. */
export function countJobs({ runner }: Context, filter: JobFilter | null): number {
  return runner.count(filter);
}

/** Number of jobs that match a filter, by status. */
export async function countJobsByStatus({ runner }: Context, filter: JobFilter | null | undefined): Promise<JobCounts> {
  if (needsIndex(filter)) await runner.indexed;
  return runner.counts(filter);
}
