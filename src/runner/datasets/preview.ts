import { z } from 'zod';
import { DatasetTooCostlyError, InvalidInputError, TooManyPreviewsError, UnreadableDatasetError } from '../job/errors.ts';
import type { Home } from '../home.ts';
import { hidePaths } from '../job/hide-paths.ts';
import { type Python, PythonError } from '../python/interpreter.ts';
import { COST_LIMITS, REMEDY } from './cost-limits.ts';
import type { DatasetPreview, PreviewOptions, ReadOptions } from './dataset.ts';
import { type DatasetFile, findDataset } from './find.ts';
import { createConcurrencyLimit } from './concurrency-limit.ts';
import { createLruCache } from './lru-cache.ts';
import { createSingleFlight } from './single-flight.ts';

const DEFAULT_ROWS = 20;
const MAX_ROWS = 200;
const MAX_HEADER_LINE = 1000;
/** Much more than the limit of processor time allows, unless the machine or the disk hangs. */
const TIMEOUT_MS = 60_000;
/** Maximum number of concurrent Python processes: previews must not slow down trainings. */
const MAX_CONCURRENT = 2;
const MAX_WAITING = 32;
const MAX_WAIT_MS = 20_000;
const CACHED_PREVIEWS = 64;
/** Total size of the cached previews, characters of Python's output. */
const CACHED_CHARACTERS = 16 * 1024 * 1024;

const output = z.union([
  z.object({
    error: z.string(),
    too_costly: z.boolean().optional(),
    invalid: z.boolean().optional(),
    option: z.enum(['encoding', 'header']).optional(),
  }),
  z.object({
    notes: z.array(z.string()),
    columns: z.array(
      z.object({
        name: z.string(),
        kind: z.enum(['number', 'category', 'date', 'time', 'text', 'unusable']),
        gaps: z.number().int(),
        missing: z.array(z.object({ text: z.string(), count: z.number().int() })),
        distinct: z.number().int().nullable(),
        minimum: z.number().nullable(),
        maximum: z.number().nullable(),
        note: z.string().nullable(),
        identifier: z.boolean(),
        target: z
          .object({
            task: z.enum(['regression', 'classification']),
            baseline: z.string(),
            score: z.number(),
          })
          .nullable(),
      }),
    ),
    column_count: z.number().int(),
    rows: z.array(z.array(z.string().nullable())),
    rows_read: z.number().int(),
    complete: z.boolean(),
    default_target: z.string().nullable(),
  }),
]);

/** See {@link Runner.datasetPreview}. @throws UnreadableDatasetError if the content of the file is not a table */
export type PreviewDataset = (
  name: string,
  rows?: number | null,
  options?: PreviewOptions,
) => Promise<DatasetPreview | null>;

/** The result of reading a file, valid until the file changes. */
type Outcome =
  | { readonly preview: DatasetPreview | null }
  | { readonly tooCostly: string }
  | { readonly problem: string; readonly option: 'encoding' | 'header' | null };

/**
 * Reads previews in a limited number of Python processes. Concurrent callers for one file share one process, which reads the maximum
 * number of rows; later callers get the cached result.
 */
export function createPreviews(home: Home, python: Python): PreviewDataset {
  const singleFlight = createSingleFlight<Outcome>();
  const limited = createConcurrencyLimit({
    maxConcurrent: MAX_CONCURRENT,
    maxWaiting: MAX_WAITING,
    maxWaitMs: MAX_WAIT_MS,
    full: () => new TooManyPreviewsError(),
  });
  const cache = createLruCache<Outcome>(CACHED_PREVIEWS, CACHED_CHARACTERS);

  async function read(file: DatasetFile, options: string, key: string, signal: AbortSignal): Promise<Outcome> {
    const limits = ['--rows', String(MAX_ROWS), ...COST_LIMITS];
    const args = ['preview', ...limits, '--options', options, '--', home.root, file.name];
    let printed;
    try {
      printed = await python.trainyard(args, TIMEOUT_MS, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof PythonError)) throw error;
      // Python does not run at all, which says nothing about the file.
      if (!error.killed) return { preview: null };
      return remember(key, { tooCostly: `${tooLong(file.name)} ${REMEDY}` }, 0);
    }
    return remember(key, outcomeOf(printed, home), printed.length);
  }

  function remember(key: string, outcome: Outcome, size: number): Outcome {
    cache.set(key, outcome, size);
    return outcome;
  }

  return async (name, rows, { signal, read: options = {} } = {}) => {
    const limit = rows ?? DEFAULT_ROWS;
    if (!(limit >= 1 && limit <= MAX_ROWS)) {
      throw new InvalidInputError(`rows must be a number from 1 to ${MAX_ROWS}.`, ['rows']);
    }
    const file = await findDataset(home, name);
    if (!file) return null;
    const given = readOptions(options);
    const key = `${keyOf(file)} ${given}`;
    const outcome =
      cache.get(key) ?? (await singleFlight(key, signal, (all) => limited(() => read(file, given, key, all), all)));
    if ('tooCostly' in outcome) throw new DatasetTooCostlyError(outcome.tooCostly);
    if ('problem' in outcome) throw new UnreadableDatasetError(outcome.problem, outcome.option);
    return outcome.preview && { ...outcome.preview, rows: outcome.preview.rows.slice(0, limit) };
  };
}

/** The options as JSON for Python. @throws InvalidInputError if one is not of its type; Python knows the values */
function readOptions({ encoding, header }: ReadOptions): string {
  if (encoding != null && (typeof encoding !== 'string' || !/^[a-z0-9-]{1,40}$/.test(encoding))) {
    throw new InvalidInputError('encoding must be the name of an encoding, such as "gb18030".', ['options', 'encoding']);
  }
  const isLine = typeof header === 'number' && Number.isInteger(header) && header >= 1 && header <= MAX_HEADER_LINE;
  if (header != null && typeof header !== 'boolean' && !isLine) {
    throw new InvalidInputError(`header must be true, false, or a line number from 1 to ${MAX_HEADER_LINE}.`, [
      'options',
      'header',
    ]);
  }
  return JSON.stringify({ encoding: encoding ?? null, header: header ?? null });
}

const keyOf = ({ path, identity }: DatasetFile) => `${identity}:${path}`;

const tooLong = (name: string) =>
  `The preview of ${JSON.stringify(name)} was stopped: reading the file took more than ${TIMEOUT_MS / 1000} seconds, or its preview was too large.`;

function outcomeOf(printed: string, { root }: Home): Outcome {
  const result = output.parse(JSON.parse(printed));
  if ('error' in result) {
    const problem = hidePaths(result.error, root);
    if (result.too_costly) return { tooCostly: `${problem} ${REMEDY}` };
    return result.invalid ? { problem, option: result.option ?? null } : { preview: null };
  }
  const { column_count, rows_read, default_target, ...rest } = result;
  const columns = result.columns.map(({ identifier, ...column }) => ({ ...column, isIdentifier: identifier }));
  return { preview: { ...rest, columns, columnCount: column_count, rowsRead: rows_read, defaultTarget: default_target } };
}
