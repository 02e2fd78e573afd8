import type { Dirent, Stats } from 'node:fs';
import { lstat, opendir, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { Home } from '../home.ts';
import { modifiedAt } from '../modified-at.ts';
import { isNotThere } from '../system-errors.ts';

/** A file in the output folder of a job. */
export interface OutputFile {
  /** Relative to the output folder, with `/`, for example `checkpoints/best.pt`. */
  readonly path: string;
  readonly bytes: number;
  /** Unix ms. */
  readonly modifiedAt: number;
}

/** The paths of the files in the output folder of a job. */
export interface OutputList {
  /** In ascending order of their characters; at most as many as were asked for. */
  readonly paths: readonly string[];
  /** Whether there are more. */
  readonly isTruncated: boolean;
}

const MAX_FILES = 10_000;
/** Maximum number of entries that are looked at for each file that may be listed: hidden ones, links and folders count too. */
const MAX_ENTRIES_A_FILE = 5;
const MAX_DEPTH = 32;
const MAX_PATH = 4096;

/**
 * Lists the files in the output folder of a job. Left out are hidden files and folders, whose names start with a dot, such as the
 * temporary files of most libraries; links, which could lead out of the folder; and everything else that is not a plain file.
 *
 * @param folder - lists only this folder in it, for example `checkpoint-500`.
 */
export async function listOutputFiles(
  home: Home,
  jobId: string,
  { folder = '', maxFiles = MAX_FILES } = {},
): Promise<OutputList> {
  const root = home.output(jobId);
  const paths: string[] = [];
  const exists =
    folder === '' ? await isPlainFolder(root) : (await findOutput(home, jobId, folder))?.stats.isDirectory();
  const folders: { path: string; depth: number }[] = exists ? [{ path: folder, depth: 0 }] : [];
  let left = MAX_ENTRIES_A_FILE * maxFiles;
  let isTruncated = false;
  for (let next = folders.pop(); next && !isTruncated; next = folders.pop()) {
    if (next.depth > MAX_DEPTH) continue;
    for await (const entry of entriesOf(join(root, next.path))) {
      left -= 1;
      if (left < 0 || paths.length >= maxFiles) {
        isTruncated = true;
        break;
      }
      if (entry.name.startsWith('.')) continue;
      const path = next.path === '' ? entry.name : `${next.path}/${entry.name}`;
      if (entry.isDirectory()) folders.push({ path, depth: next.depth + 1 });
      else if (entry.isFile()) paths.push(path);
    }
  }
  return { paths: paths.sort(), isTruncated };
}

/** Size and time of files in the output folder of a job. Files that are gone meanwhile are left out. */
export async function describeOutputFiles(
  home: Home,
  jobId: string,
  paths: readonly string[],
): Promise<readonly OutputFile[]> {
  const files = await Promise.all(
    paths.map(async (path): Promise<OutputFile | null> => {
      const found = await findOutput(home, jobId, path);
      return found?.stats.isFile() ? { path, bytes: found.stats.size, modifiedAt: modifiedAt(found.stats) } : null;
    }),
  );
  return files.filter((file) => file !== null);
}

/**
 * The absolute path of a file in the output folder of a job; null if there is none. Follows the rules of {@link listOutputFiles}, so that
 * no path and no link leads out of the folder.
 */
export async function findOutputFile(home: Home, jobId: string, path: string): Promise<string | null> {
  const found = await findOutput(home, jobId, path);
  return found?.stats.isFile() ? found.path : null;
}

/**
 * The absolute path and the metadata of a file, folder or other entry in the output folder of a job; null if there is none, or a link leads
 * to it.
 */
async function findOutput(home: Home, jobId: string, path: string): Promise<{ path: string; stats: Stats } | null> {
  const names = path.split('/');
  const isPlain = names.every((name) => name !== '' && !name.startsWith('.') && !name.includes('\0'));
  if (!isPlain || path.length > MAX_PATH || names.length > MAX_DEPTH + 1) return null;
  try {
    const root = join(await realpath(home.outputs), jobId);
    const file = join(root, ...names);
    // A link anywhere below the folder of outputs would make them differ.
    return file.startsWith(root + sep) && (await realpath(file)) === file
      ? { path: file, stats: await stat(file) }
      : null;
  } catch (error) {
    if (isNotThere(error)) return null;
    throw error;
  }
}

/** Whether the output folder of a job is a folder, and not a link to one. */
async function isPlainFolder(root: string): Promise<boolean> {
  try {
    return (await lstat(root)).isDirectory();
  } catch (error) {
    if (isNotThere(error)) return false;
    throw error;
  }
}

/** The entries of a folder; none if there is no such folder. */
export async function* entriesOf(folder: string): AsyncGenerator<Dirent> {
  try {
    yield* await opendir(folder);
  } catch (error) {
    // Removed meanwhile, or closed to this user.
    if (!isNotThere(error)) throw error;
  }
}
