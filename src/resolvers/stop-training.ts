import type { Job } from '../runner/index.ts';
import type { Context } from './context.ts';

export interface StopTrainingArguments {
  readonly id: string;
  /** Grace period before the process is killed, seconds. */
  readonly graceSeconds?: number | null | undefined;
}

/**
 * Asks a job to save a checkpoint and exit.
 * @throws JobNotFoundError, AlreadyEndedError, InvalidInputError
 */
export function stopTraining({ runner }: Context, { id, graceSeconds }: StopTrainingArguments): Promise<Job> {
  return runner.stop(id, { graceSeconds });
}
