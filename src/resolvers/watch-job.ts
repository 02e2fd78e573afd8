import type { JobEvent } from '../runner/index.ts';
import type { Context } from './context.ts';

export interface WatchJobArguments {
  readonly id: string;
  /** Cursor of the last event that was received. */
  readonly after?: string | null | undefined;
}

/**
 * Opens the live feed of one job, which ends with the job's terminal event.
 * @throws JobNotFoundError synchronously
 */
export function watchJob({ runner }: Context, { id, after }: WatchJobArguments): AsyncIterableIterator<JobEvent> {
  return runner.watch(id, { after });
}
