import { formatBound, formatBytes, formatCount, formatPercent } from '../format/numbers.ts';
import type { ColumnKind, PreviewOfDatasetQuery } from '../graphql/graphql.ts';
import { errorMessage } from '../live/session.ts';
import { type ReadOptions, usePreview } from './use-preview.ts';
import './datasets.css';

type Dataset = NonNullable<PreviewOfDatasetQuery['dataset']>;
type Preview = NonNullable<Dataset['preview']>;
type Column = Preview['columns'][number];

/** Maximum number of columns in a preview. */
const MAX_COLUMNS = 40;

const KIND_NAMES: Readonly<Record<ColumnKind, string>> = {
  NUMBER: 'number',
  CATEGORY: 'category',
  DATE: 'date',
  TIME: 'time of day',
  TEXT: 'text',
  UNUSABLE: 'not used',
};

/**
 * The first rows of a dataset, and how the trainer uses its columns.
 * @param version time of the last change of the file: the preview reloads when it changes
 * @param target the column to mark as the target: null (default) for none, empty for the default target
 * @param options how the file is written; default: inferred
 */
export function DatasetPreview({
  name,
  version,
  target = null,
  options = null,
}: {
  name: string;
  version: string | undefined;
  target?: string | null;
  options?: ReadOptions;
}) {
  return <LoadedPreview key={`${name} ${version ?? ''}`} name={name} target={target} options={options} />;
}

function LoadedPreview({ name, target, options }: { name: string; target: string | null; options: ReadOptions }) {
  const { dataset, error } = usePreview(name, options);
  if (error) return <p className="notice bad">{errorMessage(error)}</p>;
  if (dataset === undefined) return <p role="status">Loading {name}…</p>;
  if (dataset === null) return <p className="notice">No dataset is named {name}.</p>;
  const { bytes, format, rows, problem, preview } = dataset;
  const facts = [
    format,
    rows !== null && `${formatCount(rows)} rows`,
    preview && `${formatCount(preview.columnCount)} columns`,
    formatBytes(bytes),
  ];
  return (
    <>
      <p className="hint">{facts.filter((fact) => typeof fact === 'string').join(' · ')}</p>
      {problem !== null && !preview && <p className="notice bad">{problem}</p>}
      {preview && <PreviewTable name={name} preview={preview} target={target === '' ? preview.defaultTarget : target} />}
    </>
  );
}

function PreviewTable({ name, preview, target }: { name: string; preview: Preview; target: string | null }) {
  const { notes, columns, columnCount, rows, rowsRead, complete } = preview;
  const shown = columns.slice(0, MAX_COLUMNS);
  return (
    <>
      {/* Focusable, so that the keyboard scrolls it. */}
      <div className="preview" role="region" aria-label={`First rows of ${name}`} tabIndex={0}>
        <table>
          <thead>
            <tr>
              {shown.map((column) => (
                <th key={column.name} scope="col" data-kind={column.kind}>
                  {column.name}{' '}
                  <span className="preview-kind" data-kind={column.kind}>
                    {KIND_NAMES[column.kind]}
                  </span>{' '}
                  {column.name === target && <span className="preview-target">target</span>}
                  <span className="preview-note">{describe(column, rowsRead)}</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, index) => (
              <tr key={index}>
                {row.slice(0, MAX_COLUMNS).map((cell, place) => (
                  <td key={place} data-kind={columns[place]?.kind}>
                    {cell ?? <span className="preview-gap">missing</span>}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {notes.map((note) => (
        <p key={note} className="hint">
          {note}
        </p>
      ))}
      <p className="hint">
        {rowsText(rowsRead, complete)}
        {columnCount > shown.length && ` ${formatCount(columnCount - shown.length)} more columns are not shown.`}
      </p>
    </>
  );
}

/** Number of rows on which the column descriptions are based. */
function rowsText(rowsRead: number, complete: boolean): string {
  if (complete && rowsRead === 0) return 'The file has no rows below its header.';
  return complete
    ? `Based on all ${formatCount(rowsRead)} rows.`
    : `Based on the first ${formatCount(rowsRead)} rows.`;
}

/** Texts that count as missing, in the description of a column. */
const MAX_MISSING_TEXTS = 3;

function describe({ gaps, missing, minimum, maximum, distinct, kind, note }: Column, rows: number): string {
  if (kind === 'UNUSABLE') return note ?? '';
  const parts: string[] = note === null ? [] : [note];
  if (minimum !== null && maximum !== null) parts.push(`${formatBound(minimum)} to ${formatBound(maximum)}`);
  else if (kind === 'CATEGORY' && distinct !== null) parts.push(`${formatCount(distinct)} values`);
  if (gaps > 0) parts.push(`${formatPercent(gaps / Math.max(1, rows))} missing${markers(missing)}`);
  return parts.join(', ');
}

/** The texts that count as missing, besides empty cells: " (NA, ?)". */
function markers(missing: Column['missing']): string {
  const texts = missing.map(({ text }) => text).filter((text) => text !== '');
  const more = texts.length > MAX_MISSING_TEXTS ? ', …' : '';
  return texts.length === 0 ? '' : ` (${texts.slice(0, MAX_MISSING_TEXTS).join(', ')}${more})`;
}
