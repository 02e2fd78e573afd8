import { z } from 'zod';
import { InvalidInputError } from '../job/errors.ts';
import type { Home } from '../home.ts';
import { type Python, PythonError } from '../python/interpreter.ts';
import type { DatasetPreview } from './dataset.ts';
import { findDataset } from './find.ts';
import { createTurns } from './turns.ts';

const DEFAULT_ROWS = 20;
const MAX_ROWS = 200;
const TIMEOUT_MS = 30_000;

const output = z.union([
  z.object({ error: z.string() }),
  z.object({
    columns: z.array(
      z.object({
        name: z.string(),
        kind: z.enum(['number', 'category', 'date', 'unusable']),
        gaps: z.number().int(),
        distinct: z.number().int().nullable(),
        minimum: z.number().nullable(),
        maximum: z.number().nullable(),
        note: z.string().nullable(),
      }),
    ),
    column_count: z.number().int(),
    rows: z.array(z.array(z.string().nullable())),
    rows_read: z.number().int(),
    complete: z.boolean(),
  }),
]);

/** How a dataset begins, as {@link Runner.datasetPreview} gives it. */
export type PreviewDataset = (name: string, rows?: number | null) => Promise<DatasetPreview | null>;

/** Asks Python, one file after the other: what reads files for a look must not slow down what trains. */
export function createPreviews(home: Home, python: Python): PreviewDataset {
  const inTurn = createTurns();

  async function preview(name: string, rows: number): Promise<DatasetPreview | null> {
    const file = await findDataset(home, name);
    if (!file) return null;
    try {
      const printed = await python.trainyard(['preview', '--rows', String(rows), '--', home.root, file.name], TIMEOUT_MS);
      const read = output.parse(JSON.parse(printed));
      if ('error' in read) return null;
      const { column_count, rows_read, ...rest } = read;
      return { ...rest, columnCount: column_count, rowsRead: rows_read };
    } catch (error) {
      if (error instanceof PythonError) return null;
      throw error;
    }
  }

  return async (name, rows) => {
    const wanted = rows ?? DEFAULT_ROWS;
    if (!(wanted >= 1 && wanted <= MAX_ROWS)) {
      throw new InvalidInputError(`rows is a number from 1 to ${MAX_ROWS}.`, ['rows']);
    }
    return inTurn(() => preview(name, wanted));
  };
}
