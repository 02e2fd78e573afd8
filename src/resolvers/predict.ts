import type { PredictionResult } from '../runner/index.ts';
import type { Context } from './context.ts';

export interface PredictArguments {
  readonly jobId: string;
  /** Not validated yet. */
  readonly rows: readonly unknown[];
}

/**
 * Predicts rows with the model of a job.
 * @throws JobNotFoundError, InvalidInputError, ModelUnavailableError, TrainerUnavailableError, TooManyPredictionsError,
 *   PredictionFailedError
 */
export async function predict(
  { runner, signal }: Context,
  { jobId, rows }: PredictArguments,
): Promise<PredictionResult> {
  try {
    return await runner.predict(jobId, rows, { signal });
  } catch (error) {
    // The client has disconnected, so the answer is not needed and this is not a server error.
    if (signal?.aborted) return { predictions: [], warnings: [] };
    throw error;
  }
}
