import type { Api } from '../api/create-api.ts';
import { PREDICT } from '../api/operations/predictions.ts';
import { unwrapResult } from '../api/unwrap-result.ts';
import type { PlainTable } from './parse-table.ts';

/** Rows of one request: the server's maximum. */
const MAX_ROWS = 1_000;
/** Cells and characters of one request, below the server's limits. */
const MAX_CELLS = 20_000;
const MAX_CHARACTERS = 500_000;

/**
 * Predicts a table with the query `predict`, in as many requests as its size needs.
 * @returns the rows with the predictions as CSV, as a prediction job writes them
 */
export async function predictTable(
  api: Api,
  jobId: string,
  { names, rows }: PlainTable,
): Promise<{ readonly csv: string; readonly warnings: readonly string[] }> {
  const lines: string[] = [];
  const warnings: string[] = [];
  for (const { first, batch } of batches(rows, names.length)) {
    const objects = batch.map((row) => Object.fromEntries(names.map((name, index) => [name, row[index] ?? null])));
    const result = unwrapResult((await api.request(PREDICT, { jobId, rows: objects })).predict);
    const where = batch.length === rows.length ? '' : `Rows ${first + 1} to ${first + batch.length}: `;
    warnings.push(...result.warnings.map((warning) => where + warning));
    for (const [index, { value, probabilities }] of result.predictions.entries()) {
      const added = addedCells(value, probabilities as Record<string, number> | null);
      if (lines.length === 0) lines.push(csvLine([...names, ...unique(Object.keys(added), names)]));
      lines.push(csvLine([...(batch[index] ?? []), ...Object.values(added)]));
    }
  }
  return { csv: `${lines.join('\n')}\n`, warnings };
}

function* batches(rows: PlainTable['rows'], columns: number) {
  const most = Math.max(1, Math.min(MAX_ROWS, Math.floor(MAX_CELLS / columns)));
  for (let first = 0; first < rows.length;) {
    let end = first;
    let characters = 0;
    while (end < rows.length && end - first < most && (end === first || characters < MAX_CHARACTERS)) {
      characters += (rows[end] ?? []).reduce((sum, cell) => sum + cell.length, 0);
      end += 1;
    }
    yield { first, batch: rows.slice(first, end) };
    first = end;
  }
}

/** The added columns of a row, by name. */
function addedCells(value: unknown, probabilities: Readonly<Record<string, number>> | null): Record<string, string> {
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([target, each]) => [`prediction_${target}`, String(each)]));
  }
  const chances = Object.entries(probabilities ?? {});
  return {
    prediction: String(value),
    ...Object.fromEntries(chances.map(([label, chance]) => [`probability_${label}`, chance.toFixed(6)])),
  };
}

/** The names, with an ending while one of them is a column of the table. */
function unique(names: readonly string[], taken: readonly string[]): readonly string[] {
  return names.some((name) => taken.includes(name))
    ? unique(
        names.map((name) => `${name}_new`),
        taken,
      )
    : names;
}

function csvLine(cells: readonly string[]): string {
  return cells.map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',');
}
