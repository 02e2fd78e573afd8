import { opendir, readdir, stat } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { type Home, namedFilesOfJob } from '../home.ts';
import { isCode } from '../system-errors.ts';

/** The key of a dataset among the things that are stored. That of a job is its id. */
export const datasetKey = (name: string): string => `dataset ${name}`;
/** The name of the dataset with this key; undefined for the key of something else. */
export const datasetOf = (key: string): string | undefined => /^dataset (.*)$/s.exec(key)?.[1];
/** The key of everything that is neither a dataset nor part of a job, for example the database. */
const OTHER = 'other';

/** A file, and the key of what it belongs to. */
export interface StoredFile {
  readonly key: string;
  readonly bytes: number;
}

/**
 * Every file of a home, one at a time: each waits for the file system, so the event loop stays free. Files that disappear meanwhile,
 * links, and uploads in progress are left out.
 */
export async function* filesOfHome(home: Home): AsyncGenerator<StoredFile> {
  for await (const { path, bytes } of walk(home.datasets)) {
    const name = relative(home.datasets, path);
    if (!name.startsWith('.')) yield { key: datasetKey(name), bytes };
  }
  for (const folder of [home.models, home.artifacts]) {
    for await (const { path, bytes } of walk(folder)) {
      // A file in a folder of a job belongs to the job, whatever its own name is.
      yield { key: /\/(job_\d+_[0-9a-f]+)/.exec(path.slice(folder.length))?.[1] ?? OTHER, bytes };
    }
  }
}

/** The models by job. A checkpoint can have any ending: `.pt`, `.state.pt`, `.safetensors`, or what a script chose. */
export async function modelsByJob(home: Home): Promise<ReadonlyMap<string, readonly string[]>> {
  const names = await readdir(home.models);
  return Map.groupBy(
    names.map((name) => join(home.models, name)),
    (path) => basename(path).split('.', 1)[0] ?? '',
  );
}

/** The bytes of everything that {@link filesOfHome} attributes to this job: its files with fixed names, its models and its outputs. */
export async function bytesOfJob(home: Home, id: string): Promise<number> {
  const models = (await modelsByJob(home)).get(id) ?? [];
  let bytes = await bytesOf([...namedFilesOfJob(home, id), ...models]);
  for await (const file of walk(home.output(id))) bytes += file.bytes;
  return bytes;
}

/** The bytes of some files together. Missing ones count as nothing. */
async function bytesOf(paths: readonly string[]): Promise<number> {
  const sizes = await Promise.all(paths.map(sizeOf));
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function* walk(folder: string): AsyncGenerator<{ readonly path: string; readonly bytes: number }> {
  const entries = await opendir(folder).catch((error: unknown) => {
    if (isCode(error, 'ENOENT')) return null;
    throw error;
  });
  if (!entries) return;
  for await (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* walk(path);
    else if (entry.isFile()) yield { path, bytes: await sizeOf(path) };
  }
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (isCode(error, 'ENOENT')) return 0;
    throw error;
  }
}
