import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { z } from 'zod';
import { COST_LIMITS, REMEDY } from './cost-limits.ts';
import { type DatasetFile, findDataset, isHidden, statFile } from './find.ts';
import { createKeyedQueue } from '../keyed-queue.ts';
import { hidePaths } from '../job/hide-paths.ts';
import { isCode } from '../system-errors.ts';
import type { Home } from '../home.ts';
import type { DatasetDescription } from './dataset.ts';
import { type Python, PythonError } from '../python/interpreter.ts';

const MAX_FILES = 1000;
/** After this time no other file is started; the next list reads the rest. */
const READING_MS = 10_000;
/** Additional time for the last file. Its limit of processor time normally ends it long before, unless the machine or the disk hangs. */
const LAST_FILE_MS = 60_000;
/**
 * A list counts the rows of new or changed files up to this total size, a few seconds of reading; later lists count the others. Rows of a
 * larger file are never counted.
 */
const COUNTED_BYTES = 64 * 1024 * 1024;
/** Bytes to read of a file whose rows are not counted, for its format and columns. */
const HEAD_BYTES = 1024 * 1024;
/** Files per Python process: enough to spread the cost of its start, few enough for a command line. */
const BATCH = 50;
/** One process at a time reads files for the catalogue. */
const READ = 'read';

const description = z.object({
  name: z.string(),
  format: z.string().nullable().optional(),
  columns: z.array(z.string()).nullable().optional(),
  column_count: z.number().int().nullable().optional(),
  rows: z.number().int().nullable().optional(),
  error: z.string().nullable().optional(),
  too_costly: z.boolean().optional(),
});

type Description = z.infer<typeof description>;

type File = Pick<DatasetFile, 'name' | 'bytes' | 'modifiedAt' | 'identity'>;

/** A cached description of a file. */
interface Known {
  /** Identity of the file that was read: see {@link DatasetFile}. */
  readonly identity: string;
  readonly dataset: DatasetDescription;
  /** Whether it is valid until the file changes; otherwise its rows are still to be counted. */
  readonly final: boolean;
}

const TOO_LONG = 'Reading the file was stopped: it took too long, or its description was too large.';

/**
 * Describes the files in `datasets/`. Python, which knows the formats, reads each file once, and again only after it changed. That
 * includes files that it could not read, or not in time.
 */
export interface DatasetCatalogue {
  list(): Promise<readonly DatasetDescription[]>;
  /** One file; null if there is no file of this name. */
  describe(name: string): Promise<DatasetDescription | null>;
}

export function createDatasetCatalogue(home: Home, python: Python): DatasetCatalogue {
  let known = new Map<string, Known>();
  let running: Promise<readonly DatasetDescription[]> | undefined;
  const queue = createKeyedQueue();

  const cached = (file: File) => {
    const before = known.get(file.name);
    return before?.identity === file.identity ? before : undefined;
  };

  async function list(): Promise<readonly DatasetDescription[]> {
    const files = await filesIn(home.datasets);
    await read(files);
    const names = new Set(files.map(({ name }) => name));
    known = new Map([...known].filter(([name]) => names.has(name)));
    return files.map((file) => descriptionOf(file));
  }

  async function describe(name: string): Promise<DatasetDescription | null> {
    const file = await findDataset(home, name);
    if (!file) return null;
    await read([file]);
    return descriptionOf(file);
  }

  /**
   * Reads the files that have no final description, with Python. Counts the rows of as many as the budget allows. Concurrent calls for
   * one file read it once, because calls are queued.
   */
  function read(files: readonly File[]): Promise<void> {
    return queue.run(READ, async () => {
      let budget = COUNTED_BYTES;
      const toCount: File[] = [];
      const headOnly: File[] = [];
      for (const file of files) {
        if (cached(file)?.final) continue;
        if (textBytes(file) <= budget) {
          budget -= textBytes(file);
          toCount.push(file);
        } else if (!cached(file)) {
          headOnly.push(file);
        }
      }
      const end = performance.now() + READING_MS;
      for (const batch of batches(toCount)) await readBatch(batch, true, end);
      for (const batch of batches(headOnly)) await readBatch(batch, false, end);
    });
  }

  /** Reads these files until `end`. If a file causes its process to be killed, a new process reads the remaining ones. */
  async function readBatch(files: readonly File[], counted: boolean, end: number): Promise<void> {
    const atMost = String(counted ? COUNTED_BYTES : HEAD_BYTES);
    let left = files;
    for (let timeMs = end - performance.now(); left.length > 0 && timeMs > 0; timeMs = end - performance.now()) {
      const limits = ['--at-most', atMost, '--stop-after', String(timeMs / 1000), ...COST_LIMITS];
      const names = left.map((file) => file.name);
      let printed;
      let killed = false;
      try {
        printed = await python.trainyard(['datasets', ...limits, '--', home.root, ...names], Math.ceil(timeMs) + LAST_FILE_MS);
      } catch (error) {
        if (!(error instanceof PythonError)) throw error;
        // Python does not run at all, which says nothing about the files. The next call tries again.
        if (!error.killed) return;
        ({ printed, killed } = error);
      }
      const byName = parse(printed);
      for (const file of left) keep(file, byName.get(file.name), counted);
      left = left.filter((file) => !byName.has(file.name));
      if (!killed) return;
      // Python answers in order, so this is the file that it was killed for.
      const [cause, ...rest] = left;
      if (cause) cache(cause, { problem: `${TOO_LONG} ${REMEDY}` }, true);
      left = rest;
    }
  }

  function keep(file: File, printed: Description | undefined, counted: boolean): void {
    if (!printed) return;
    const { format = null, columns = null, column_count: columnCount = null, rows = null, error } = printed;
    const problem = error == null ? null : printed.too_costly ? `${error} ${REMEDY}` : error;
    const final = counted || rows !== null || problem !== null || textBytes(file) > COUNTED_BYTES;
    const shown = problem === null ? null : hidePaths(problem, home.root);
    cache(file, { format, columns, columnCount, rows, problem: shown }, final);
  }

  function cache(file: File, found: Partial<DatasetDescription>, final: boolean): void {
    known.set(file.name, { identity: file.identity, dataset: { ...unread(file), ...found }, final });
  }

  const descriptionOf = (file: File) => cached(file)?.dataset ?? unread(file);

  return {
    list() {
      running ??= list().finally(() => (running = undefined));
      return running;
    },
    describe,
  };
}

/** The printed descriptions by file name. An incomplete last line is left out: the process was killed while it wrote it. */
function parse(printed: string): Map<string, Description> {
  const lines = printed.split('\n').slice(0, -1);
  return new Map(lines.map((line) => description.parse(JSON.parse(line))).map((one) => [one.name, one]));
}

function batches(files: readonly File[]): File[][] {
  return Array.from({ length: Math.ceil(files.length / BATCH) }, (_, n) => files.slice(n * BATCH, (n + 1) * BATCH));
}

/** Estimated size of the text in a file, bytes. The unpacked size of a gzip file is not known before it is read. */
function textBytes({ name, bytes }: File): number {
  return name.endsWith('.gz') ? bytes * 10 : bytes;
}

function unread({ name, bytes, modifiedAt }: File): DatasetDescription {
  return { name, bytes, modifiedAt, format: null, columns: null, columnCount: null, rows: null, problem: null };
}

/** Regular files below `folder`, sorted by name, without hidden files and links. */
async function filesIn(folder: string): Promise<File[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const names = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((name) => !isHidden(name))
    .sort()
    .slice(0, MAX_FILES);
  const files: File[] = [];
  for (const name of names) {
    try {
      const file = await statFile(join(folder, name));
      if (file) files.push({ name, ...file });
    } catch (error) {
      if (!isCode(error, 'ENOENT')) throw error; // Removed after it was listed.
    }
  }
  return files;
}
