import type { PreviewDataset } from '../datasets/preview.ts';
import { InvalidInputError, UnreadableDatasetError } from '../job/errors.ts';
import { nearest } from '../job/nearest.ts';
import type { TrainingRequest } from '../job/request.ts';
import { quote, shorten } from '../job/shorten.ts';
import type { DatasetColumn, DatasetPreview } from '../datasets/dataset.ts';

/** The trainer whose options name columns. */
const TABLE_TRAINER = 'tabular';
/** A file that takes longer to read is not checked here: the job reports the same error. */
const TIMEOUT_MS = 30_000;
const MAX_NAMED_COLUMNS = 30;
const MAX_NAME = 64;

/**
 * Checks the options of a table training that depend on its dataset, against the preview: the columns that `target` and `columns` name,
 * and `encoding` and `header`, by which the file is read. Reads the file only if one of them is set; the preview is cached until the
 * file changes.
 * @throws InvalidInputError with the path to the option; its message lists the columns of the file, or says what to set
 */
export async function checkColumns(request: TrainingRequest, previewDataset: PreviewDataset): Promise<void> {
  const { trainer, dataset, options } = request;
  const dependsOnFile = namesColumns(options) || options['encoding'] != null || options['header'] != null;
  if (trainer !== TABLE_TRAINER || dataset === null || !dependsOnFile) return;
  const preview = await readPreview(dataset, options, previewDataset);
  if (!preview) return;
  const problem = findProblem(options, preview);
  if (problem)
    throw new InvalidInputError(`${shorten(dataset, MAX_NAME)}: ${problem.message}`, [
      'input',
      'options',
      ...problem.path,
    ]);
}

/**
 * Null if the preview is not available now. The training then finds out, as it does without this check.
 * @throws InvalidInputError if an option can make the file readable
 */
async function readPreview(
  dataset: string,
  read: Options,
  previewDataset: PreviewDataset,
): Promise<DatasetPreview | null> {
  try {
    return await previewDataset(dataset, 1, { signal: AbortSignal.timeout(TIMEOUT_MS), read });
  } catch (error) {
    if (error instanceof UnreadableDatasetError) {
      throw new InvalidInputError(error.message, ['input', 'options', error.option]);
    }
    return null;
  }
}

type Options = TrainingRequest['options'];

interface Problem {
  readonly message: string;
  readonly path: readonly string[];
}

function namesColumns({ target, columns }: Options): boolean {
  return target != null || (typeof columns === 'object' && columns !== null && Object.keys(columns).length > 0);
}

function targetsOf({ target }: Options): readonly string[] {
  return [target].flat().filter((name) => typeof name === 'string');
}

/** The kinds that the option `columns` sets, by column. */
function kindsOf({ columns }: Options): Readonly<Record<string, unknown>> {
  return typeof columns === 'object' && columns !== null ? (columns as Record<string, unknown>) : {};
}

/** The first option that does not fit the columns; undefined if all do. */
function findProblem(options: Options, preview: DatasetPreview): Problem | undefined {
  const { columns } = preview;
  const byName = new Map(columns.map((column) => [column.name, column]));
  const names = [...byName.keys()];
  const isListed = (name: string) =>
    byName.has(name) || preview.columnCount > columns.length || name.length > MAX_NAME * 10;
  const kinds = kindsOf(options);
  const targets = targetsOf(options);
  for (const name of Object.keys(kinds)) {
    if (!isListed(name)) return { message: unknownColumn('columns', name, names), path: ['columns', name] };
  }
  for (const name of targets) {
    const column = byName.get(name);
    if (!isListed(name)) return { message: unknownColumn('target', name, names), path: ['target'] };
    if (kinds[name] === 'IGNORE') {
      return {
        message: `${quote(name)} is the target, and columns leaves it out. Change one of them.`,
        path: ['columns', name],
      };
    }
    const reason = column && kinds[name] === undefined ? unpredictable(column, preview.complete) : null;
    if (reason !== null) {
      const others = columns.filter((other) => unpredictable(other, preview.complete) === null);
      return {
        message: `target ${quote(name)} cannot be predicted: ${reason}. Choose one of: ${list(others.map((other) => other.name))}.`,
        path: ['target'],
      };
    }
  }
  return undefined;
}

/** Why a column cannot be a target, as the training would report; null if it can, or if the rows that were read do not show it. */
function unpredictable({ kind, note, isIdentifier }: DatasetColumn, complete: boolean): string | null {
  if (kind === 'date' || kind === 'time') return `it contains ${kind}s`;
  if (isIdentifier) return note ?? 'identifier';
  if (!complete) return null;
  if (kind === 'text') return 'it contains free text';
  return kind === 'unusable' ? (note ?? 'not usable') : null;
}

function unknownColumn(option: string, name: string, names: readonly string[]): string {
  const near = nearest(name, names) ?? names.find((other) => other.toLowerCase() === name.toLowerCase());
  const hint = near === undefined ? '' : ` Did you mean ${quote(near)}?`;
  return `${option}: ${quote(name)} is not a column of the file.${hint} Columns: ${list(names)}.`;
}

function list(names: readonly string[]): string {
  const shown = names.slice(0, MAX_NAMED_COLUMNS).map((name) => shorten(name, MAX_NAME));
  return shown.join(', ') + (names.length > shown.length ? ', …' : '');
}
