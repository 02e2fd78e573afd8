import { nearest } from '../job/nearest.ts';
import type { TrainingRequest } from '../job/request.ts';
import { quote, shorten } from '../job/shorten.ts';
import type { DatasetColumn, DatasetPreview } from '../datasets/dataset.ts';

const MAX_NAMED_COLUMNS = 30;
/** Maximum characters of a name in an error. */
export const MAX_NAME = 64;

type Options = TrainingRequest['options'];

/** An option that does not fit the columns of the file. */
export interface ColumnProblem {
  readonly message: string;
  /** Leads from `options` to the value. */
  readonly path: readonly string[];
}

/** Whether the options name columns of the file. */
export function namesColumns({ target, columns }: Options): boolean {
  return target != null || (typeof columns === 'object' && columns !== null && Object.keys(columns).length > 0);
}

function targetsOf({ target }: Options): readonly string[] {
  return [target].flat().filter((name) => typeof name === 'string');
}

/** The kinds that the option `columns` sets, by column. */
function kindsOf({ columns }: Options): Readonly<Record<string, unknown>> {
  return typeof columns === 'object' && columns !== null ? (columns as Record<string, unknown>) : {};
}

/** The first option that does not fit the columns, or a missing `target` where the default cannot be predicted; undefined if all fit. */
export function findColumnProblem(options: Options, preview: DatasetPreview): ColumnProblem | undefined {
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
      const message = unpredictableText(`target ${quote(name)}`, reason, columns, preview.complete);
      return { message, path: ['target'] };
    }
  }
  if (options['target'] != null || Object.keys(kinds).length > 0) return undefined;
  const message = findDefaultProblem(preview);
  return message === null ? undefined : { message, path: ['target'] };
}

/** Without the option `target`: why the default cannot be predicted. The preview does not show what the option `columns` changes. */
function findDefaultProblem({ columns, columnCount, complete, defaultTarget }: DatasetPreview): string | null {
  if (defaultTarget !== null || columnCount > columns.length) return null;
  const column = columns.findLast(({ isIdentifier }) => !isIdentifier);
  if (!column) {
    return `every column is an identifier or a row number. Choose a target and its kind: ${list(columns.map(({ name }) => name))}.`;
  }
  const reason = unpredictable(column, complete);
  return reason === null
    ? null
    : unpredictableText(`the default target ${quote(column.name)}`, reason, columns, complete);
}

function unpredictableText(what: string, reason: string, columns: readonly DatasetColumn[], complete: boolean): string {
  const others = columns.filter((other) => unpredictable(other, complete) === null);
  const advice =
    others.length === 0
      ? 'No other column can be predicted either.'
      : `Choose one of: ${list(others.map(({ name }) => name))}.`;
  return `${what} cannot be predicted: ${reason}. ${advice}`;
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
