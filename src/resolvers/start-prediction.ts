import type { Job, PredictionInput } from '../runner/index.ts';
import type { Context } from './context.ts';
import { readOptions } from './read-options.ts';

/** The input as a client writes it. */
interface StartPredictionInput extends Omit<PredictionInput, 'options'> {
  readonly options?: unknown;
}

/**
 * Creates a job that predicts all rows of a dataset.
 * @throws JobNotFoundError, ModelUnavailableError, DatasetNotFoundError, InvalidInputError, TrainerUnavailableError, QueueFullError
 */
export async function startPrediction(
  { runner, caller, countStart }: Context,
  { jobId, dataset, options }: StartPredictionInput,
): Promise<Job> {
  const input = { jobId, dataset, options: readOptions(options) };
  return runner.startPrediction(input, { startedBy: caller.user, admit: countStart });
}
