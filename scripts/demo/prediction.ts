import { createReadStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createGunzip } from 'node:zlib';
import { pythonPaths } from '../../src/cli/environment/paths.ts';
import { variablesFor } from '../../src/cli/environment/python-environment.ts';
import { runProcess } from '../../src/cli/run-process.ts';
import { alignColumns, shorten } from '../../src/cli/terminal/table.ts';
import { firstRows, parseCsv } from './csv.ts';

export interface PredictionOptions {
  readonly python: string;
  /** The repository. */
  readonly root: string;
  /** Absolute path of the model. */
  readonly model: string;
  /** Absolute path of the table. */
  readonly dataset: string;
  readonly rows: number;
  readonly signal?: AbortSignal | undefined;
}

/** Rows of a table, header first. */
export type Table = readonly (readonly string[])[];

const HEAD_BYTES = 256 * 1024;

/**
 * Predicts the first rows of a table with a model.
 * @returns the rows, with predictions in the last columns
 * @throws Error with the last line of Python's output when it fails
 */
export async function predictFirstRows(options: PredictionOptions): Promise<Table> {
  const { python, root, model, dataset, rows, signal } = options;
  const folder = mkdtempSync(join(tmpdir(), 'trainyard-'));
  try {
    const name = basename(dataset).replace(/\.gz$/i, '');
    const head = await readHead(dataset);
    const sample = join(folder, name);
    writeFileSync(
      sample,
      firstRows(head.text, rows, { header: !/\.(jsonl|ndjson)$/i.test(name), complete: head.complete }),
    );
    // Uses a file, because libraries may print to standard output.
    const output = join(folder, 'predictions.csv');
    const args = ['-m', 'trainyard', 'predict', '--model', model, '--data', sample, '--output', output];
    const { code, lines } = await runProcess(python, args, {
      environment: variablesFor(python, pythonPaths(root)),
      signal,
    });
    if (code !== 0) throw new Error(lines.at(-1) ?? `Python exited with code ${code ?? 'none'}.`);
    return parseCsv((await readHead(output)).text).slice(0, rows + 1);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function readHead(path: string): Promise<{ text: string; complete: boolean }> {
  const file = createReadStream(path);
  const stream = /\.gz$/i.test(path) ? file.pipe(createGunzip()) : file;
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of stream) {
      chunks.push(chunk as Buffer);
      size += (chunk as Buffer).length;
      if (size > HEAD_BYTES) return { text: Buffer.concat(chunks).toString('utf8'), complete: false };
    }
    return { text: Buffer.concat(chunks).toString('utf8'), complete: true };
  } finally {
    file.destroy();
  }
}

/**
 * Formats a table with aligned columns and shortened values. Of many columns it shows the last, which contain target and prediction.
 */
export function formatTable(table: Table, { columns = 6 }: { columns?: number } = {}): string[] {
  const cells = table.map((row) => row.slice(-columns).map(formatCell));
  return alignColumns(
    cells,
    (cells[0] ?? []).map(() => 'RIGHT'),
  );
}

function formatCell(text: string): string {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && text.length > 6) return String(Number(value.toPrecision(5)));
  return shorten(text, 16);
}
