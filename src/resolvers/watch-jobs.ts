import type { JobChange, JobFilter } from '../runner/index.ts';
import type { Context } from './context.ts';

export interface WatchJobsArguments {
  readonly filter?: JobFilter | null | undefined;
  /** Cursor of the last change that was received, or `changesCursor` of a page of jobs. */
  readonly after?: string | null | undefined;
}

/** Opens the live feed of jobs that are created, changed or deleted. */
export function watchJobs({ runner }: Context, args: WatchJobsArguments): AsyncIterableIterator<JobChange> {
  return runner.watchJobs(args);
}
