import type { Job } from '../runner/index.ts';
import type { Context } from './context.ts';

export interface ResumeTrainingArguments {
  readonly id: string;
  /** Total number of epochs, including completed ones. */
  readonly epochs?: number | null | undefined;
}

/**
 * Starts a new attempt of an ended job.
 * @throws JobNotFoundError, JobNotEndedError, InvalidInputError, DatasetNotFoundError, TrainerUnavailableError, QueueFullError
 */
export function resumeTraining({ runner, countStart }: Context, { id, epochs }: ResumeTrainingArguments): Promise<Job> {
  return runner.resume(id, { epochs, admit: countStart });
}
