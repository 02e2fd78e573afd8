import type { DatasetDescription, DatasetPreview } from '../runner/index.ts';
import type { Context } from './context.ts';

/**
 * Reads the first rows of a dataset; null if it cannot be read.
 * @throws InvalidInputError (`rows` out of range), DatasetTooCostlyError, TooManyPreviewsError
 */
export async function previewDataset(
  { runner, signal }: Context,
  dataset: DatasetDescription,
  rows: number | null | undefined,
): Promise<DatasetPreview | null> {
  try {
    return await runner.datasetPreview(dataset.name, rows, { signal });
  } catch (error) {
    // The client has disconnected, so the answer is not needed and this is not a server error.
    if (signal?.aborted) return null;
    throw error;
  }
}
