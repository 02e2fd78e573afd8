import { readdir, realpath, stat } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { z } from 'zod';
import { DatasetNotFoundError } from '../errors.ts';
import { isCode } from '../files/read-json.ts';
import type { Home } from '../home.ts';
import type { DatasetDescription } from '../runner.ts';
import { type Python, PythonError } from './interpreter.ts';

const MAX_FILES = 1000;
const TIMEOUT_MS = 60_000;
/** Files described by one Python process: enough to spread its start, few enough for a command line. */
const BATCH = 50;

const description = z.object({
  name: z.string(),
  format: z.string().nullable().optional(),
  columns: z.array(z.string()).nullable().optional(),
  rows: z.number().int().nullable().optional(),
  error: z.string().nullable().optional(),
});

/**
 * The real path of a dataset.
 * @throws DatasetNotFoundError when there is none of this name inside `datasets/`; the error does not tell whether there is
 *   one outside
 */
export async function resolveDataset(home: Home, name: string): Promise<string> {
  if (name === '' || name.includes('\0')) throw new DatasetNotFoundError(name);
  try {
    const root = await realpath(home.datasets);
    const path = await realpath(resolve(root, name));
    if (!path.startsWith(root + sep)) throw new DatasetNotFoundError(name);
    return path;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG', 'EACCES'].some((code) => isCode(error, code))) {
      throw new DatasetNotFoundError(name);
    }
    throw error;
  }
}

interface File {
  readonly name: string;
  readonly bytes: number;
  readonly modifiedAt: number;
}

/** Lists `datasets/`. A file is read once (by Python, which knows the formats), and again only after it changed. */
export function createDatasetCatalogue(home: Home, python: Python): () => Promise<readonly DatasetDescription[]> {
  let known = new Map<string, DatasetDescription>();
  let running: Promise<readonly DatasetDescription[]> | undefined;

  async function list(): Promise<readonly DatasetDescription[]> {
    const files = await filesIn(home.datasets);
    const seen = (file: File) => {
      const before = known.get(file.name);
      return before?.bytes === file.bytes && before.modifiedAt === file.modifiedAt ? before : undefined;
    };
    const fresh = files.filter((file) => !seen(file));
    const described = new Map<string, DatasetDescription>();
    for (let at = 0; at < fresh.length; at += BATCH) {
      for (const dataset of await describe(fresh.slice(at, at + BATCH))) described.set(dataset.name, dataset);
    }
    const all = files.map((file) => described.get(file.name) ?? seen(file) ?? unread(file, 'It could not be read.'));
    // What failed for want of Python is asked again next time; what Python said of a file stands until the file changes.
    known = new Map(
      all.filter((dataset) => dataset.format !== null || dataset.problem !== null).map((d) => [d.name, d]),
    );
    return all;
  }

  async function describe(files: readonly File[]): Promise<DatasetDescription[]> {
    try {
      const output = await python.trainyard(['datasets', home.root, '--', ...files.map((file) => file.name)], TIMEOUT_MS);
      const lines = output.split('\n').filter((line) => line !== '');
      const byName = new Map(lines.map((line) => description.parse(JSON.parse(line))).map((d) => [d.name, d]));
      return files.map((file) => {
        const { format, columns, rows, error } = byName.get(file.name) ?? {};
        return {
          ...file,
          format: format ?? null,
          columns: columns ?? null,
          rows: rows ?? null,
          problem: error ?? null,
        };
      });
    } catch (error) {
      if (!(error instanceof PythonError)) throw error;
      return files.map((file) => unread(file, null));
    }
  }

  return () => {
    running ??= list().finally(() => (running = undefined));
    return running;
  };
}

function unread(file: File, problem: string | null): DatasetDescription {
  return { ...file, format: null, columns: null, rows: null, problem };
}

/** Regular files below `folder`, hidden ones and links that lead elsewhere left out, sorted by name. */
async function filesIn(folder: string): Promise<File[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const names = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((name) => !name.split(sep).some((part) => part.startsWith('.')))
    .sort()
    .slice(0, MAX_FILES);
  const files: File[] = [];
  for (const name of names) {
    try {
      const { size, mtimeMs } = await stat(join(folder, name));
      files.push({ name, bytes: size, modifiedAt: mtimeMs });
    } catch (error) {
      if (!isCode(error, 'ENOENT')) throw error; // Removed since it was listed.
    }
  }
  return files;
}
