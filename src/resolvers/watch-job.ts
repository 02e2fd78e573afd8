import type { JobEvent } from '../runner/index.ts';
import type { Context } from './context.ts';

export interface WatchJobArguments {
  readonly id: string;
  /** The cursor of the last event that was received. */
  readonly after?: string | null | undefined;
}

/**
 * The live feed of one job, ending with its terminal event.
 * @throws JobNotFoundError, at once
 */
export function watchJob({ runner }: Context, { id, after }: WatchJobArguments): AsyncIterableIterator<JobEvent> {
  return runner.watch(id, { after });
}
