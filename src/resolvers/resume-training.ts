import type { Job } from '../runner/index.ts';
import type { Context } from './context.ts';

export interface ResumeTrainingArguments {
  readonly id: string;
  /** How many epochs the job is to reach in all. */
  readonly epochs?: number | null | undefined;
}

/**
 * Starts a new attempt of a job that has ended.
 * @throws JobNotFoundError, JobNotEndedError, InvalidInputError, DatasetNotFoundError, TrainerUnavailableError, QueueFullError
 */
export function resumeTraining({ runner }: Context, { id, epochs }: ResumeTrainingArguments): Promise<Job> {
  return runner.resume(id, { epochs });
}
