import { readdir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { z } from 'zod';
import { findDataset, isHidden } from './find.ts';
import { createTurns } from './turns.ts';
import { isCode } from '../system-errors.ts';
import type { Home } from '../home.ts';
import { modifiedAt } from '../modified-at.ts';
import type { DatasetDescription } from './dataset.ts';
import { type Python, PythonError } from '../python/interpreter.ts';

const MAX_FILES = 1000;
const TIMEOUT_MS = 60_000;
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
  rows: z.number().int().nullable().optional(),
  error: z.string().nullable().optional(),
});

type File = Pick<DatasetDescription, 'name' | 'bytes' | 'modifiedAt'>;

/** Knows what is in `datasets/`. A file is read once (by Python, which knows the formats), and again only after it changed. */
export interface DatasetCatalogue {
  list(): Promise<readonly DatasetDescription[]>;
  /** One file; null when there is none of this name. */
  describe(name: string): Promise<DatasetDescription | null>;
}

export function createDatasetCatalogue(home: Home, python: Python): DatasetCatalogue {
  /** What Python said of a file stands until the file changes, but for rows that there was no time to count. */
  let known = new Map<string, { readonly dataset: DatasetDescription; readonly final: boolean }>();
  let running: Promise<readonly DatasetDescription[]> | undefined;
  const inTurn = createTurns();

  const seen = (file: File) => {
    const before = known.get(file.name);
    return before?.dataset.bytes === file.bytes && before.dataset.modifiedAt === file.modifiedAt ? before : undefined;
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
      for (const batch of batches(toCount)) await readBatch(batch, true);
      for (const batch of batches(toGlanceAt)) await readBatch(batch, false);
    });
  }

  async function readBatch(files: readonly File[], counted: boolean): Promise<void> {
    const atMost = String(counted ? COUNTED_BYTES : GLANCE_BYTES);
    const names = files.map((file) => file.name);
    let output;
    try {
      output = await python.trainyard(['datasets', '--at-most', atMost, '--', home.root, ...names], TIMEOUT_MS);
    } catch (error) {
      if (error instanceof PythonError) return; // It is asked again next time.
      throw error;
    }
    const lines = output.split('\n').filter((line) => line !== '');
    const byName = new Map(lines.map((line) => description.parse(JSON.parse(line))).map((d) => [d.name, d]));
    for (const file of files) {
      const said = byName.get(file.name);
      if (!said) continue;
      const { format = null, columns = null, rows = null, error: problem = null } = said;
      const final = counted || rows !== null || problem !== null || textBytes(file) > COUNTED_BYTES;
      known.set(file.name, { dataset: { ...unread(file), format, columns, rows, problem }, final });
    }
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

function batches(files: readonly File[]): File[][] {
  return Array.from({ length: Math.ceil(files.length / BATCH) }, (_, n) => files.slice(n * BATCH, (n + 1) * BATCH));
}

/** About how much text a file holds: what is packed is not known before it is read. */
function textBytes({ name, bytes }: File): number {
  return name.endsWith('.gz') ? bytes * 10 : bytes;
}

function unread({ name, bytes, modifiedAt }: File): DatasetDescription {
  return { name, bytes, modifiedAt, format: null, columns: null, rows: null, problem: null };
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
      const file = await stat(join(folder, name));
      files.push({ name, bytes: file.size, modifiedAt: modifiedAt(file) });
    } catch (error) {
      if (!isCode(error, 'ENOENT')) throw error; // Removed since it was listed.
    }
  }
  return files;
}
