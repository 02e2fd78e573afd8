import { realpath, stat } from 'node:fs/promises';
import { relative, resolve, sep } from 'node:path';
import { DatasetNotFoundError } from '../job/errors.ts';
import { visibleLine } from '../job/visible-text.ts';
import { isNotThere } from '../system-errors.ts';
import type { Home } from '../home.ts';
import { modifiedAt } from '../modified-at.ts';

/**
 * Checks that a training can read a dataset.
 * @throws DatasetNotFoundError unless it is a regular file inside `datasets/` on a path without hidden parts; the error does not reveal
 * whether another kind of entry exists
 */
export async function checkDataset(home: Home, name: string): Promise<void> {
  if ((await findDataset(home, name)) === null) throw new DatasetNotFoundError(name);
}

/**
 * The real path of a dataset.
 * @throws DatasetNotFoundError if there is none of this name inside `datasets/`. The error does not reveal whether a file exists
 *   outside
 */
async function resolveDataset(home: Home, name: string): Promise<string> {
  if (name === '' || name.includes('\0')) throw new DatasetNotFoundError(name);
  try {
    const root = await realpath(home.datasets);
    const path = await realpath(resolve(root, name));
    if (!path.startsWith(root + sep)) throw new DatasetNotFoundError(name);
    return path;
  } catch (error) {
    if (isNotThere(error)) throw new DatasetNotFoundError(name);
    throw error;
  }
}

/** A file that can be listed and read. */
export interface DatasetFile {
  /** Relative to `datasets/`, in its shortest form. */
  readonly name: string;
  /** Absolute, with all links resolved. */
  readonly path: string;
  readonly bytes: number;
  /** Unix ms. */
  readonly modifiedAt: number;
  /** Device, inode, size and time of the last change: differs once the file is replaced or written. */
  readonly identity: string;
}

/** The regular file of this name inside `datasets/`; null if there is none, or if it or one of its folders is hidden. */
export async function findDataset(home: Home, name: string): Promise<DatasetFile | null> {
  try {
    const path = await resolveDataset(home, name);
    const inside = relative(await realpath(home.datasets), path);
    const short = relative(home.datasets, resolve(home.datasets, name));
    if (isHidden(short) || isHidden(inside)) return null;
    const file = await statFile(path);
    return file && { name: short, path, ...file };
  } catch (error) {
    if (error instanceof DatasetNotFoundError) return null;
    throw error;
  }
}

/** Size, time and identity of a regular file; null if the path leads to something else. */
export async function statFile(path: string): Promise<Omit<DatasetFile, 'name' | 'path'> | null> {
  const file = await stat(path);
  if (!file.isFile()) return null;
  return {
    bytes: file.size,
    modifiedAt: modifiedAt(file),
    identity: [file.dev, file.ino, file.size, file.mtimeMs].join(':'),
  };
}

/** Whether a part of a relative path is hidden (starts with a dot), or has characters that a client can neither display nor send back. */
export function isHidden(name: string): boolean {
  return visibleLine(name) !== name || name.split(sep).some((part) => part.startsWith('.'));
}
