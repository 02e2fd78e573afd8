import type { Job, QueueMove } from '../runner/index.ts';
import type { Context } from './context.ts';

export interface MoveJobArguments extends QueueMove {
  readonly id: string;
}

/**
 * Moves a waiting job right before or after another one.
 * @throws JobNotFoundError, JobNotWaitingError, InvalidInputError
 */
export function moveJob({ runner }: Context, { id, before, after }: MoveJobArguments): Promise<Job> {
  return runner.moveJob(id, { before, after });
}
