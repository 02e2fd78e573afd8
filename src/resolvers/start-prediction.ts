import type { Job, PredictionInput } from '../runner/index.ts';
import type { Context } from './context.ts';

/**
 * Creates a job that predicts all rows of a dataset.
 * @throws JobNotFoundError, ModelUnavailableError, DatasetNotFoundError, InvalidInputError, TrainerUnavailableError, QueueFullError
 */
export function startPrediction({ runner, caller, countStart }: Context, input: PredictionInput): Promise<Job> {
  return runner.startPrediction(input, { startedBy: caller.user, admit: countStart });
}
