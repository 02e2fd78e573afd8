import type { QueueState } from '../runner/index.ts';
import type { Context } from './context.ts';

/** The queue after a change of it. */
export interface QueueChange {
  readonly queue: QueueState;
}

/** What the queue does now. */
export function readQueue({ runner }: Context): QueueState {
  return runner.queue;
}

/**
 * Starts no more jobs of a group, or of all.
 * @throws InvalidInputError
 */
export async function pauseQueue({ runner }: Context, group: string | null): Promise<QueueChange> {
  await runner.pauseQueue(group);
  return { queue: runner.queue };
}

/**
 * Starts jobs of a group, or of all, again.
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
