import { type Job, type ModelDescription, ModelUnavailableError } from '../runner/index.ts';
import type { Context } from './context.ts';

/**
 * Describes the newest model of a job; null if it has none that can predict.
 * @throws TrainerUnavailableError, TooManyPredictionsError, PredictionFailedError
 */
export async function readModel({ runner, signal }: Context, { id }: Job): Promise<ModelDescription | null> {
  try {
    return await runner.model(id, { signal });
  } catch (error) {
    // If the client has disconnected, the answer is not needed and this is not a server error.
    if (error instanceof ModelUnavailableError || signal?.aborted) return null;
    throw error;
  }
}
