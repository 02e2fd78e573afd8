import type { JobFilter } from '../runner/index.ts';
import type { Context } from './context.ts';

/**
 * Deletes the jobs that match and have ended, with everything that was kept of them.
 * @returns their ids
 * @throws InvalidInputError for a filter without a condition
 */
export function deleteJobs({ runner }: Context, filter: JobFilter): Promise<readonly string[]> {
  return runner.deleteJobs(filter);
}
