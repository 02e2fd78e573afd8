import type { Job } from '../runner/index.ts';
import type { Context } from './context.ts';

export interface StopTrainingArguments {
  readonly id: string;
  /** How long the job may take to save and end by itself, seconds. */
  readonly graceSeconds?: number | null | undefined;
}

/**
 * Asks a job to save a checkpoint and end.
 * @throws JobNotFoundError, AlreadyEndedError, InvalidInputError
 */
export function stopTraining({ runner }: Context, { id, graceSeconds }: StopTrainingArguments): Promise<Job> {
  return runner.stop(id, { graceSeconds });
}
