import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { z } from 'zod';
import { COST_LIMITS, REMEDY } from './cost-limits.ts';
import { type DatasetFile, findDataset, isHidden, statFile } from './find.ts';
import { createTurns } from './turns.ts';
import { isCode } from '../system-errors.ts';
import type { Home } from '../home.ts';
import type { DatasetDescription } from './dataset.ts';
import { type Python, PythonError } from '../python/interpreter.ts';

const MAX_FILES = 1000;
/** After so long no other file is begun; the rest is read the next time. */
const READING_MS = 10_000;
/** How much longer the last file may take. Its limit of processor time ends it long before, unless the machine or the disk hangs. */
const PATIENCE_MS = 60_000;
/**
 * Rows are counted in so much of the files that a list finds new, a few seconds of reading; in others the next time. Rows of a
 * file that is larger by itself are not counted.
 */
const COUNTED_BYTES = 64 * 1024 * 1024;
/** Read of a file whose rows are not counted, for its format and columns. */
const GLANCE_BYTES = 1024 * 1024;
/** Files described by one Python process: enough to spread its start, few enough for a command line. */
const BATCH = 50;

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

/** What Python said of a file. */
interface Known {
  /** Of the file that was read: see {@link DatasetFile}. */
  readonly identity: string;
  readonly dataset: DatasetDescription;
  /** Whether it stands until the file changes; otherwise rows are still to be counted. */
  readonly final: boolean;
}

const TOO_LONG = 'Reading the file was stopped: it took too much time, or gave too much.';

/**
 * Knows what is in `datasets/`. A file is read once (by Python, which knows the formats), and again only after it changed: also one
 * that could not be read, or not in the time for it.
 */
export interface DatasetCatalogue {
  list(): Promise<readonly DatasetDescription[]>;
  /** One file; null when there is none of this name. */
  describe(name: string): Promise<DatasetDescription | null>;
}

export function createDatasetCatalogue(home: Home, python: Python): DatasetCatalogue {
  /** What Python said of a file stands until the file changes, but for rows that there was no time to count. */
  let known = new Map<string, Known>();
  let running: Promise<readonly DatasetDescription[]> | undefined;
  const inTurn = createTurns();

  const seen = (file: File) => {
    const before = known.get(file.name);
    return before?.identity === file.identity ? before : undefined;
  };

  async function list(): Promise<readonly DatasetDescription[]> {
    const files = await filesIn(home.datasets);
    await read(files);
    const names = new Set(files.map(({ name }) => name));
    known = new Map([...known].filter(([name]) => names.has(name)));
    return files.map((file) => shown(file));
  }

  async function describe(name: string): Promise<DatasetDescription | null> {
    const file = await findDataset(home, name);
    if (!file) return null;
    await read([file]);
    return shown(file);
  }

  /**
   * Has Python read those of these files that are not known, and keeps what it says. As many as there is time for are read to their
   * end. In turn: several that ask for the same file have it read once.
   */
  function read(files: readonly File[]): Promise<void> {
    return inTurn(async () => {
      let budget = COUNTED_BYTES;
      const toCount: File[] = [];
      const toGlanceAt: File[] = [];
      for (const file of files) {
        if (seen(file)?.final) continue;
        if (textBytes(file) <= budget) {
          budget -= textBytes(file);
          toCount.push(file);
        } else if (!seen(file)) {
          toGlanceAt.push(file);
        }
      }
      const end = performance.now() + READING_MS;
      for (const batch of batches(toCount)) await readBatch(batch, true, end);
      for (const batch of batches(toGlanceAt)) await readBatch(batch, false, end);
    });
  }

  /** Has Python read these files until `end`, in a new process when one of them was the end of the last. */
  async function readBatch(files: readonly File[], counted: boolean, end: number): Promise<void> {
    const atMost = String(counted ? COUNTED_BYTES : GLANCE_BYTES);
    let left = files;
    for (let timeMs = end - performance.now(); left.length > 0 && timeMs > 0; timeMs = end - performance.now()) {
      const limits = ['--at-most', atMost, '--stop-after', String(timeMs / 1000), ...COST_LIMITS];
      const names = left.map((file) => file.name);
      let printed;
      let killed = false;
      try {
        printed = await python.trainyard(['datasets', ...limits, '--', home.root, ...names], Math.ceil(timeMs) + PATIENCE_MS);
      } catch (error) {
        if (!(error instanceof PythonError)) throw error;
        // Without Python there is nothing to say about any file: it is asked again the next time.
        if (!error.killed) return;
        ({ printed, killed } = error);
      }
      const byName = parse(printed);
      for (const file of left) keep(file, byName.get(file.name), counted);
      left = left.filter((file) => !byName.has(file.name));
      if (!killed) return;
      // Python answers in order, so it was killed for this one.
      const [culprit, ...rest] = left;
      if (culprit) know(culprit, { problem: `${TOO_LONG} ${REMEDY}` }, true);
      left = rest;
    }
  }

  function keep(file: File, said: Description | undefined, counted: boolean): void {
    if (!said) return;
    const { format = null, columns = null, column_count: columnCount = null, rows = null, error } = said;
    const problem = error == null ? null : said.too_costly ? `${error} ${REMEDY}` : error;
    const final = counted || rows !== null || problem !== null || textBytes(file) > COUNTED_BYTES;
    know(file, { format, columns, columnCount, rows, problem }, final);
  }

  function know(file: File, found: Partial<DatasetDescription>, final: boolean): void {
    known.set(file.name, { identity: file.identity, dataset: { ...unread(file), ...found }, final });
  }

  const shown = (file: File) => seen(file)?.dataset ?? unread(file);

  return {
    list() {
      running ??= list().finally(() => (running = undefined));
      return running;
    },
    describe,
  };
}

/** What Python said of files, by name. A last line without an end was cut when it was killed. */
function parse(printed: string): Map<string, Description> {
  const lines = printed.split('\n').slice(0, -1);
  return new Map(lines.map((line) => description.parse(JSON.parse(line))).map((said) => [said.name, said]));
}

function batches(files: readonly File[]): File[][] {
  return Array.from({ length: Math.ceil(files.length / BATCH) }, (_, n) => files.slice(n * BATCH, (n + 1) * BATCH));
}

/** About how much text a file holds: what is packed is not known before it is read. */
function textBytes({ name, bytes }: File): number {
  return name.endsWith('.gz') ? bytes * 10 : bytes;
}

function unread({ name, bytes, modifiedAt }: File): DatasetDescription {
  return { name, bytes, modifiedAt, format: null, columns: null, columnCount: null, rows: null, problem: null };
}

/** Regular files below `folder`, hidden ones and links that lead elsewhere left out, sorted by name. */
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
      if (!isCode(error, 'ENOENT')) throw error; // Removed since it was listed.
    }
  }
  return files;
}
