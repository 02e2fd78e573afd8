import { useMemo } from 'react';
import { useQuery } from 'urql';
import { formatBytes, formatCount, formatNumber } from '../format/numbers.ts';
import type { ColumnKind, PreviewOfDatasetQuery } from '../graphql/graphql.ts';
import { sentenceOf } from '../live/session.ts';
import { DatasetPreviewDocument } from './operations.ts';
import './datasets.css';

type Dataset = NonNullable<PreviewOfDatasetQuery['dataset']>;
type Preview = NonNullable<Dataset['preview']>;
type Column = Preview['columns'][number];

/** The most columns that are shown; a table that is wider is no longer one to look at. */
const MOST_COLUMNS = 40;

const KIND_NAMES: Readonly<Record<ColumnKind, string>> = {
  NUMBER: 'number',
  CATEGORY: 'category',
  DATE: 'date',
  UNUSABLE: 'not used',
};

/**
 * How a dataset begins, and what the trainer takes its columns for.
 * @param version another one is read anew: when the file was last changed
 */
export function DatasetPreview({ name, version }: { name: string; version: string | undefined }) {
  return <ReadPreview key={`${name} ${version ?? ''}`} name={name} />;
}

function ReadPreview({ name }: { name: string }) {
  const [{ data, error }] = useQuery({
    query: DatasetPreviewDocument,
    variables: useMemo(() => ({ name }), [name]),
  });
  if (error) return <p className="notice bad">{sentenceOf(error)}</p>;
  if (!data) return <p role="status">Looking into {name}…</p>;
  if (data.dataset === null) return <p className="notice">There is no dataset {name}.</p>;
  const { bytes, format, rows, problem, preview } = data.dataset;
  const facts = [format, rows !== null && `${formatCount(rows)} rows`, formatBytes(bytes)];
  return (
    <>
      <p className="hint">{facts.filter((fact) => typeof fact === 'string').join(' · ')}</p>
      {problem !== null && <p className="notice bad">{problem}</p>}
      {preview && <PreviewTable name={name} preview={preview} />}
    </>
  );
}

function PreviewTable({ name, preview: { columns, columnCount, rows, rowsRead, complete } }: { name: string; preview: Preview }) {
  const shown = columns.slice(0, MOST_COLUMNS);
  return (
    <>
      {/* Scrolled by keyboard too. */}
      <div className="preview" role="region" aria-label={`The first rows of ${name}`} tabIndex={0}>
        <table>
          <thead>
            <tr>
              {shown.map((column) => (
                <th key={column.name} scope="col" data-kind={column.kind}>
                  {column.name}{' '}
                  <span className="preview-kind" data-kind={column.kind}>
                    {KIND_NAMES[column.kind]}
                  </span>
                  <span className="preview-note">{describe(column, rowsRead)}</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, index) => (
              <tr key={index}>
                {row.slice(0, MOST_COLUMNS).map((cell, place) => (
                  <td key={place} data-kind={columns[place]?.kind}>
                    {cell ?? <span className="preview-gap">gap</span>}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className="hint">
        {complete ? `All ${formatCount(rowsRead)} rows were read` : `Judged by the first ${formatCount(rowsRead)} rows`}
        {columnCount > shown.length && `; ${formatCount(columnCount - shown.length)} more columns are not shown`}.
      </p>
    </>
  );
}

function describe({ gaps, minimum, maximum, distinct, kind, note }: Column, rows: number): string {
  if (note !== null) return note;
  const parts: string[] = [];
  if (minimum !== null && maximum !== null) parts.push(`${formatNumber(minimum)} to ${formatNumber(maximum)}`);
  else if (kind === 'CATEGORY' && distinct !== null) parts.push(`${formatCount(distinct)} values`);
  if (gaps > 0) parts.push(`${formatNumber(Math.max(0.1, (gaps / Math.max(1, rows)) * 100))}% gaps`);
  return parts.join(', ');
}
