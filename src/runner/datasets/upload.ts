import { randomBytes } from 'node:crypto';
import { link, lstat, mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DatasetExistsError, DatasetTooLargeError, InvalidInputError, NoSpaceError } from '../job/errors.ts';
import { isCode } from '../system-errors.ts';
import type { Home } from '../home.ts';
import type { Logger } from '../logger.ts';
import { quote } from '../job/shorten.ts';
import type { AddedDataset, AddDatasetOptions } from './dataset.ts';
import { checkNewName } from './name.ts';

/** In `datasets/` itself, which may be a file system of its own: only within one is a rename atomic. Hidden from every list. */
const STAGING = '.incoming';

/** Takes files in. */
export interface Uploads {
  /** See {@link Runner.addDataset}. */
  add(name: string, content: AsyncIterable<Uint8Array>, options?: AddDatasetOptions): Promise<AddedDataset>;
  /** Resolves when nothing is being taken in. */
  settled(): Promise<void>;
}

/** To be called by the one that has the lock of `home`: what the last server had not taken in whole is removed. */
export function createUploads(home: Home, logger: Logger): Uploads {
  const staging = join(home.datasets, STAGING);
  const pending = new Set<Promise<unknown>>();
  const cleared = rm(staging, { recursive: true, force: true }).catch((error: unknown) =>
    logger.warn({ err: error, folder: staging }, 'cannot remove what is left of uploads'),
  );
  track(cleared);

  function track(work: Promise<unknown>): void {
    const settled = work.then(
      () => undefined,
      () => undefined,
    );
    pending.add(settled);
    void settled.then(() => pending.delete(settled));
  }

  async function add(
    name: string,
    content: AsyncIterable<Uint8Array>,
    { replace = false, maxBytes = Infinity }: AddDatasetOptions,
  ): Promise<AddedDataset> {
    checkNewName(name);
    const path = join(home.datasets, name);
    await cleared;
    // Before the content is read: who sends a gigabyte wants to know at once. The last word has the move.
    const before = await kindOf(path);
    if (before === 'OTHER') throw new InvalidInputError(`${quote(name)} is there, and is no file.`, ['name']);
    if (before === 'FILE' && !replace) throw new DatasetExistsError(name);
    const staged = join(staging, `upload.${randomBytes(6).toString('hex')}`);
    try {
      await mkdir(staging, { recursive: true });
      const bytes = await write(staged, atMost(content, maxBytes));
      if (replace) await rename(staged, path);
      else await moveToFree(staged, path, name);
      await syncFolder(home.datasets);
      return { name, bytes, replaced: replace && before === 'FILE' };
    } catch (error) {
      if (['ENOSPC', 'EDQUOT', 'EFBIG'].some((code) => isCode(error, code))) throw new NoSpaceError({ cause: error });
      throw error;
    } finally {
      await rm(staged, { force: true });
    }
  }

  return {
    add(name, content, options = {}) {
      const work = add(name, content, options);
      track(work);
      return work;
    },
    async settled() {
      await Promise.all(pending);
    },
  };
}

/** Passes content on, and throws once it is too much. */
async function* atMost(content: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of content) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw new DatasetTooLargeError(maxBytes);
    yield chunk;
  }
}

/** Writes a new file through to the disk, and gives its size. */
async function write(path: string, content: AsyncIterable<Uint8Array>): Promise<number> {
  const file = await open(path, 'wx', 0o644);
  try {
    await file.writeFile(content);
    await file.sync();
    return (await file.stat()).size;
  } finally {
    await file.close();
  }
}

/**
 * Gives a file its name unless something has it already, in one step: of two uploads of one name, one wins whole.
 * @throws DatasetExistsError
 */
async function moveToFree(staged: string, path: string, name: string): Promise<void> {
  try {
    await link(staged, path);
  } catch (error) {
    if (isCode(error, 'EEXIST')) throw new DatasetExistsError(name);
    // A file system without hard links, such as exFAT. Only what happens in between the two calls is lost there.
    if (!['EPERM', 'ENOTSUP', 'ENOSYS', 'EMLINK'].some((code) => isCode(error, code))) throw error;
    if ((await kindOf(path)) !== 'NOTHING') throw new DatasetExistsError(name);
    await rename(staged, path);
  }
}

/** What has this name: a link counts as the file that it would be replaced like. */
async function kindOf(path: string): Promise<'NOTHING' | 'FILE' | 'OTHER'> {
  try {
    const found = await lstat(path);
    return found.isFile() || found.isSymbolicLink() ? 'FILE' : 'OTHER';
  } catch (error) {
    if (isCode(error, 'ENOENT')) return 'NOTHING';
    throw error;
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
