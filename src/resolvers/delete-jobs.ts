import type { JobFilter } from '../runner/index.ts';
import { mayAdminister } from './authorize.ts';
import type { Context } from './context.ts';

/** Maximum number of ids listed in a dry run. */
const LISTED = 1000;

export interface DeleteJobsArguments {
  readonly filter: JobFilter;
  /** If true, only finds the jobs and deletes nothing. */
  readonly dryRun: boolean;
}

/** Result of a deletion or a dry run. */
export interface DeleteJobsOutcome {
  readonly deletedIds: readonly string[];
  /** Null unless this was a dry run. */
  readonly wouldDelete: WouldDelete | null;
}

/** Jobs that a deletion would delete. */
export interface WouldDelete {
  readonly count: number;
  /** Newest first, at most 1,000. */
  readonly ids: readonly string[];
}

/**
 * Deletes the ended jobs that match, with all their files; a dry run only finds them. For an operator, only its own jobs match.
 * @throws InvalidInputError for a filter without a condition
 */
export async function deleteJobs(
  context: Context,
  { filter, dryRun }: DeleteJobsArguments,
): Promise<DeleteJobsOutcome> {
  const { runner, caller } = context;
  const options = mayAdminister(context) ? {} : { startedBy: caller.user ?? '' };
  if (!dryRun) return { deletedIds: await runner.deleteJobs(filter, options), wouldDelete: null };
  const ids = await runner.deletableJobs(filter, options);
  return { deletedIds: [], wouldDelete: { count: ids.length, ids: ids.slice(0, LISTED) } };
}
