import type { QueueState } from '../runner/index.ts';
import type { Context } from './context.ts';

/** The queue after a change of it. */
export interface QueueChange {
  readonly queue: QueueState;
}

/** The state of the queue. */
export function readQueue({ runner }: Context): QueueState {
  return runner.queue;
}

/**
 * Pauses the whole queue or one group.
 * @throws InvalidInputError
 */
export async function pauseQueue({ runner }: Context, group: string | null): Promise<QueueChange> {
  await runner.pauseQueue(group);
  return { queue: runner.queue };
}

/**
 * Ends the pause of the whole queue or of one group.
 * @throws InvalidInputError
 */
export async function resumeQueue({ runner }: Context, group: string | null): Promise<QueueChange> {
  await runner.resumeQueue(group);
  return { queue: runner.queue };
}

/**
 * Limits how many jobs of a group run at once; null removes the limit.
 * @throws InvalidInputError
 */
export async function setGroupLimit(
  { runner }: Context,
  { group, limit }: { readonly group: string; readonly limit?: number | null | undefined },
): Promise<QueueChange> {
  await runner.setGroupLimit(group, limit ?? null);
  return { queue: runner.queue };
}
