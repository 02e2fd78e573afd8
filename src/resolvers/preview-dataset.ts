import type { DatasetDescription, DatasetPreview } from '../runner/index.ts';
import type { Context } from './context.ts';

/**
 * How a dataset begins; null when it cannot be read.
 * @throws InvalidInputError (`rows` out of bounds), DatasetTooCostlyError, TooManyPreviewsError
 */
export async function previewDataset(
  { runner, signal }: Context,
  dataset: DatasetDescription,
  rows: number | null | undefined,
): Promise<DatasetPreview | null> {
  try {
    return await runner.datasetPreview(dataset.name, rows, { signal });
  } catch (error) {
    // The client has gone: nobody reads this answer, and it is no error of the server.
    if (signal?.aborted) return null;
    throw error;
  }
}
