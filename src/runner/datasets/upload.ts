import { randomBytes } from 'node:crypto';
import { link, lstat, mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DatasetExistsError, DatasetTooLargeError, InvalidInputError, NoSpaceError } from '../job/errors.ts';
import { isCode } from '../system-errors.ts';
import type { Home } from '../home.ts';
import type { Logger } from '../logger.ts';
import { quote } from '../job/shorten.ts';
import type { AddedDataset, AddDatasetOptions } from './dataset.ts';
import type { CountedUpload, StorageLimits } from '../storage/storage-limits.ts';
import { CHECKED_HEAD_BYTES, problemOfContent } from './content.ts';
import { checkNewName } from './name.ts';

/** Inside `datasets/`, which may be a separate file system: a rename is atomic only within one file system. Hidden from every list. */
const STAGING = '.incoming';
/** Bytes of an upload between two checks of the free disk space. */
const CHECKED_BYTES = 32 * 1024 ** 2;

/** Stores uploaded files. */
export interface Uploads {
  /** See {@link Runner.addDataset}. */
  add(name: string, content: AsyncIterable<Uint8Array>, options?: AddDatasetOptions): Promise<AddedDataset>;
  /** Resolves when no upload is in progress. */
  settled(): Promise<void>;
}

/** Removes incomplete uploads of the last server, so the caller must hold the lock of `home`. */
export function createUploads(home: Home, logger: Logger, storage: StorageLimits): Uploads {
  const staging = join(home.datasets, STAGING);
  const pending = new Set<Promise<unknown>>();
  const cleared = rm(staging, { recursive: true, force: true }).catch((error: unknown) =>
    logger.warn({ err: error, folder: staging }, 'cannot remove incomplete uploads'),
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
    { replace = false, maxBytes = Infinity, uploadedBy = null }: AddDatasetOptions,
  ): Promise<AddedDataset> {
    checkNewName(name);
    const path = join(home.datasets, name);
    await cleared;
    await storage.checkSpace(uploadedBy);
    // Checked before the content is read, so that a large upload fails at once. The final check is the move below.
    const before = await kindOf(path);
    if (before === 'OTHER') throw new InvalidInputError(`${quote(name)} exists and is not a file.`, ['name']);
    if (before === 'FILE' && !replace) throw new DatasetExistsError(name);
    const staged = join(staging, `upload.${randomBytes(6).toString('hex')}`);
    const counted = storage.countUpload(staged, uploadedBy);
    const checkSpace = () => storage.checkSpace(uploadedBy);
    try {
      await mkdir(staging, { recursive: true });
      const bytes = await write(staged, counting(atMost(content, maxBytes), counted, checkSpace));
      await checkContent(staged, name);
      if (replace) await rename(staged, path);
      else await moveIfFree(staged, path, name);
      counted.stored(name);
      await syncFolder(home.datasets);
      return { name, bytes, replaced: replace && before === 'FILE' };
    } catch (error) {
      if (['ENOSPC', 'EDQUOT', 'EFBIG'].some((code) => isCode(error, code))) throw new NoSpaceError({ cause: error });
      throw error;
    } finally {
      counted.end();
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

/**
 * Passes content on and counts it.
 * @throws StorageQuotaError, DiskFullError once there is no space for more
 */
async function* counting(
  content: AsyncIterable<Uint8Array>,
  counted: CountedUpload,
  checkDisk: () => Promise<void>,
): AsyncGenerator<Uint8Array> {
  let unchecked = 0;
  for await (const chunk of content) {
    counted.add(chunk.byteLength);
    unchecked += chunk.byteLength;
    if (unchecked > CHECKED_BYTES) {
      await checkDisk();
      unchecked = 0;
    }
    yield chunk;
  }
}

/**
 * Passes content on.
 * @throws DatasetTooLargeError once it is more than `maxBytes`
 */
async function* atMost(content: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of content) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw new DatasetTooLargeError(maxBytes);
    yield chunk;
  }
}

/** Writes a new file and flushes it to the disk. @returns its size, bytes */
async function write(path: string, content: AsyncIterable<Uint8Array>): Promise<number> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
    return (await file.stat()).size;
  } finally {
    await file.close();
  }
}

/** @throws InvalidInputError if the file is not a dataset, such as an empty file or a letter */
async function checkContent(path: string, name: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(CHECKED_HEAD_BYTES), 0, CHECKED_HEAD_BYTES, 0);
    const problem = problemOfContent(name, buffer.subarray(0, bytesRead));
    if (problem !== null) throw new InvalidInputError(problem, ['content']);
  } finally {
    await file.close();
  }
}

/**
 * Moves a file to its final path if that is free, in one atomic step: of two uploads of one name, one succeeds.
 * @throws DatasetExistsError
 */
async function moveIfFree(staged: string, path: string, name: string): Promise<void> {
  try {
    await link(staged, path);
  } catch (error) {
    if (isCode(error, 'EEXIST')) throw new DatasetExistsError(name);
    // A file system without hard links, such as exFAT. There, a file that appears between the two calls is overwritten.
    if (!['EPERM', 'ENOTSUP', 'ENOSYS', 'EMLINK'].some((code) => isCode(error, code))) throw error;
    if ((await kindOf(path)) !== 'NOTHING') throw new DatasetExistsError(name);
    await rename(staged, path);
  }
}

/** The kind of entry at this path. A link counts as a file: a rename replaces it like one. */
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
