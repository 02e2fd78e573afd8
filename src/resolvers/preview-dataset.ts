import {
  type DatasetDescription,
  type DatasetPreview,
  InvalidInputError,
  UnreadableDatasetError,
} from '../runner/index.ts';
import type { Context } from './context.ts';
import { readOptions } from './read-options.ts';

/**
 * Reads the first rows of a dataset; null if it cannot be read.
 * @param options of a training; only `encoding` and `header` have an effect
 * @throws InvalidInputError (`rows` out of range, or an option does not fit the file), DatasetTooCostlyError, TooManyPreviewsError
 */
export async function previewDataset(
  { runner, signal }: Context,
  dataset: DatasetDescription,
  rows: number | null | undefined,
  options: unknown,
): Promise<DatasetPreview | null> {
  try {
    return await runner.datasetPreview(dataset.name, rows, { signal, read: readOptions(options) });
  } catch (error) {
    if (error instanceof UnreadableDatasetError) {
      // Dataset.problem says the same, except about options.
      if (options == null || error.option === null) return null;
      throw new InvalidInputError(error.message, ['options', error.option]);
    }
    // The client has disconnected, so the answer is not needed and this is not a server error.
    if (signal?.aborted) return null;
    throw error;
  }
}
