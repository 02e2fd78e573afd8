import type { DatasetPreview } from '../datasets/dataset.ts';
import type { PreviewDataset } from '../datasets/preview.ts';
import { InvalidInputError, UnreadableDatasetError } from '../job/errors.ts';
import type { TrainingRequest } from '../job/request.ts';
import { shorten } from '../job/shorten.ts';
import { SAMPLE_DATASET } from './start-input.ts';
import { findColumnProblem, MAX_NAME, namesColumns } from './check-columns.ts';

/** The trainer that reads tables. */
const TABLE_TRAINER = 'tabular';
/** A file that takes longer to read is not checked here: the job reports the same error. */
const TIMEOUT_MS = 30_000;
/** Fewer rows than a training and its validation need. */
const MIN_ROWS = 5;

/**
 * Checks that a table training can use its dataset, and that its options fit the columns, against the preview, which is cached until the
 * file changes. A simulation reads no data: its file is read only if its options depend on it.
 * @throws InvalidInputError with the path to the dataset or the option; its message says what is wrong with the file, or lists its columns
 */
export async function checkTable(request: TrainingRequest, previewDataset: PreviewDataset): Promise<void> {
  const { trainer, dataset, options, backend } = request;
  const dependsOnFile = namesColumns(options) || options['encoding'] != null || options['header'] != null;
  // The shipped sample is a table, and its check would only delay a first training.
  const isKnown = backend === 'SIMULATION' || dataset === SAMPLE_DATASET;
  if (trainer !== TABLE_TRAINER || dataset === null || (isKnown && !dependsOnFile)) return;
  const preview = await readPreview(dataset, options, previewDataset);
  if (!preview) return;
  const name = shorten(dataset, MAX_NAME);
  if (preview.complete && preview.rowsRead === 0) {
    throw notATable(`${name} has no rows below its header.`);
  }
  if (preview.columnCount === 1) {
    throw notATable(
      `${name} has only one column. Separate the values of a row with commas, semicolons, tabs or |: a table needs a target and at least one other column.`,
    );
  }
  const problem = findColumnProblem(options, preview);
  // In so few rows, columns are constant or identifiers by chance.
  if (problem && preview.complete && preview.rowsRead < MIN_ROWS && !namesColumns(options)) {
    const rows = preview.rowsRead === 1 ? '1 row' : `${preview.rowsRead} rows`;
    throw notATable(`${name} has too few rows: ${rows}; training and validation need at least ${MIN_ROWS}. Add rows.`);
  }
  if (problem) throw new InvalidInputError(`${name}: ${problem.message}`, ['input', 'options', ...problem.path]);
}

/**
 * Null if the preview is not available now. The training then finds out, as it does without this check.
 * @throws InvalidInputError if the file is not a table, or an option does not fit it
 */
async function readPreview(
  dataset: string,
  read: TrainingRequest['options'],
  previewDataset: PreviewDataset,
): Promise<DatasetPreview | null> {
  try {
    return await previewDataset(dataset, 1, { signal: AbortSignal.timeout(TIMEOUT_MS), read });
  } catch (error) {
    if (!(error instanceof UnreadableDatasetError)) return null;
    if (error.option !== null) throw new InvalidInputError(error.message, ['input', 'options', error.option]);
    throw notATable(`${shorten(dataset, MAX_NAME)} is not a table that this trainer can use. ${error.message}`);
  }
}

function notATable(message: string): InvalidInputError {
  return new InvalidInputError(message, ['input', 'dataset']);
}
