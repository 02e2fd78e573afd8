import type { DatasetDescription, DatasetPreview } from '../runner/index.ts';
import type { Context } from './context.ts';

/**
 * How a dataset begins; null when it cannot be read.
 * @throws InvalidInputError for a number of rows out of bounds
 */
export function previewDataset(
  { runner }: Context,
  dataset: DatasetDescription,
  rows: number | null | undefined,
): Promise<DatasetPreview | null> {
  return runner.datasetPreview(dataset.name, rows);
}
