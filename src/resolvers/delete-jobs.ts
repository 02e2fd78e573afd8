import type { JobFilter } from '../runner/index.ts';
import type { Context } from './context.ts';

/** How many ids of the jobs that would be deleted are listed. */
const LISTED = 1000;

export interface DeleteJobsArguments {
  readonly filter: JobFilter;
  /** Deletes nothing. */
  readonly dryRun: boolean;
}

/** What a deletion did or, on a dry run, would do. */
export interface DeleteJobsOutcome {
  readonly deletedIds: readonly string[];
  /** Null unless it was a dry run. */
  readonly wouldDelete: WouldDelete | null;
}

/** Jobs that would be deleted. */
export interface WouldDelete {
  readonly count: number;
  /** The newest first, at most 1,000. */
  readonly ids: readonly string[];
}

/**
 * Deletes the jobs that match and have ended, with all their files; on a dry run it only finds them.
 * @throws InvalidInputError for a filter without a condition
 */
export async function deleteJobs(
  { runner }: Context,
  { filter, dryRun }: DeleteJobsArguments,
): Promise<DeleteJobsOutcome> {
  if (!dryRun) return { deletedIds: await runner.deleteJobs(filter), wouldDelete: null };
  const ids = await runner.deletableJobs(filter);
  return { deletedIds: [], wouldDelete: { count: ids.length, ids: ids.slice(0, LISTED) } };
}
