import { z } from 'zod';
import { DatasetTooCostlyError, InvalidInputError, TooManyPreviewsError } from '../job/errors.ts';
import type { Home } from '../home.ts';
import { type Python, PythonError } from '../python/interpreter.ts';
import { COST_LIMITS, REMEDY } from './cost-limits.ts';
import type { DatasetPreview, PreviewOptions } from './dataset.ts';
import { type DatasetFile, findDataset } from './find.ts';
import { createRecent } from './recent.ts';
import { createSharedWork } from './shared-work.ts';
import { createSlots } from './slots.ts';

const DEFAULT_ROWS = 20;
const MAX_ROWS = 200;
/** Far above what the limit of processor time allows, unless the machine or the disk hangs. */
const TIMEOUT_MS = 60_000;
/** Pythons that read for previews at once: what reads files for a look must not slow down what trains. */
const AT_ONCE = 2;
const MAX_WAITING = 32;
const MAX_WAIT_MS = 20_000;
const REMEMBERED = 64;
/** Of what Python printed, for all that are remembered together. */
const REMEMBERED_CHARACTERS = 16 * 1024 * 1024;

const output = z.union([
  z.object({ error: z.string(), too_costly: z.boolean().optional() }),
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
export type PreviewDataset = (
  name: string,
  rows?: number | null,
  options?: PreviewOptions,
) => Promise<DatasetPreview | null>;

/** What came of reading a file. It stands until the file changes. */
type Outcome = { readonly preview: DatasetPreview | null } | { readonly tooCostly: string };

/**
 * Asks Python, in a bounded number of processes. Whoever asks about the same file at the same time shares one of them, which reads
 * as many rows as anybody may ask for; who asks later gets what is remembered of it.
 */
export function createPreviews(home: Home, python: Python): PreviewDataset {
  const share = createSharedWork<Outcome>();
  const inSlot = createSlots({
    slots: AT_ONCE,
    maxWaiting: MAX_WAITING,
    maxWaitMs: MAX_WAIT_MS,
    full: () => new TooManyPreviewsError(),
  });
  const recent = createRecent<Outcome>(REMEMBERED, REMEMBERED_CHARACTERS);

  async function read(file: DatasetFile, signal: AbortSignal): Promise<Outcome> {
    const args = ['preview', '--rows', String(MAX_ROWS), ...COST_LIMITS, '--', home.root, file.name];
    let printed;
    try {
      printed = await python.trainyard(args, TIMEOUT_MS, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof PythonError)) throw error;
      // Without Python there is nothing to say about the file.
      if (!error.killed) return { preview: null };
      return remember(file, { tooCostly: `${tooLong(file.name)} ${REMEDY}` }, 0);
    }
    return remember(file, outcomeOf(printed), printed.length);
  }

  function remember(file: DatasetFile, outcome: Outcome, size: number): Outcome {
    recent.set(keyOf(file), outcome, size);
    return outcome;
  }

  return async (name, rows, { signal } = {}) => {
    const wanted = rows ?? DEFAULT_ROWS;
    if (!(wanted >= 1 && wanted <= MAX_ROWS)) {
      throw new InvalidInputError(`rows is a number from 1 to ${MAX_ROWS}.`, ['rows']);
    }
    const file = await findDataset(home, name);
    if (!file) return null;
    const key = keyOf(file);
    const outcome =
      recent.get(key) ?? (await share(key, signal, (all) => inSlot(() => read(file, all), all)));
    if ('tooCostly' in outcome) throw new DatasetTooCostlyError(outcome.tooCostly);
    return outcome.preview && { ...outcome.preview, rows: outcome.preview.rows.slice(0, wanted) };
  };
}

const keyOf = ({ path, identity }: DatasetFile) => `${identity}:${path}`;

const tooLong = (name: string) =>
  `The preview of ${JSON.stringify(name)} was stopped: reading the file took more than ${TIMEOUT_MS / 1000} seconds, or gave too much.`;

function outcomeOf(printed: string): Outcome {
  const said = output.parse(JSON.parse(printed));
  if ('error' in said) return said.too_costly ? { tooCostly: `${said.error} ${REMEDY}` } : { preview: null };
  const { column_count, rows_read, ...rest } = said;
  return { preview: { ...rest, columnCount: column_count, rowsRead: rows_read } };
}
