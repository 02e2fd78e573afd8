import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, type Stats } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { isCode } from '../system-errors.ts';

/** No file of the protocol is larger (metrics and logs aside, which are read in pieces). */
export const MAX_JSON_BYTES = 1024 * 1024;

/** The file exists but is not valid. The message says why, without its content. */
export class UnreadableFileError extends Error {
  override readonly name = 'UnreadableFileError';
}

/** Reads the value of a JSON file: {@link readJson} or {@link readJsonAtOnce}. */
export type ReadJson = (path: string) => unknown;

// NONBLOCK: opening a FIFO must not block a thread. NOFOLLOW: a link must not lead elsewhere.
const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW;

/**
 * Reads a JSON file that another program writes. Undefined if there is none.
 * @throws UnreadableFileError when it is not a regular file of at most 1 MiB with JSON in it
 */
export async function readJson(path: string): Promise<unknown> {
  const text = await readFrom(path, async (file) => readUpTo(file, sizeOf(await file.stat())));
  return text === undefined ? undefined : parse(text);
}

/**
 * The same as {@link readJson} without a turn of the event loop, for a file in memory: its five system calls take some microseconds each, a
 * twentieth of the time of passing them to threads.
 */
export function readJsonAtOnce(path: string): unknown {
  // An error would take longer than this. Usually there is no exit file.
  if (!lstatSync(path, { throwIfNoEntry: false })) return undefined;
  let file;
  try {
    file = openSync(path, FLAGS);
  } catch (error) {
    throwUnlessMissing(error);
    return undefined;
  }
  try {
    const buffer = Buffer.allocUnsafe(sizeOf(fstatSync(file)));
    let length = 0;
    while (length < buffer.length) {
      const bytesRead = readSync(file, buffer, length, buffer.length - length, length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return parse(buffer.toString('utf8', 0, length));
  } finally {
    closeSync(file);
  }
}

/**
 * The first bytes of a file that another program writes, as text. Undefined if there is none.
 * @throws UnreadableFileError when it is not a regular file
 */
export function readHead(path: string, bytes: number): Promise<string | undefined> {
  return readFrom(path, async (file) => {
    return readUpTo(file, Math.min(sizeOf(await file.stat(), Infinity), bytes));
  });
}

/** Over NFS, a file that is replaced while it is read is gone on the server (`ESTALE`): its name then leads to the new one. */
async function readFrom<Result>(
  path: string,
  read: (file: FileHandle) => Promise<Result>,
): Promise<Result | undefined> {
  try {
    return await readOnce(path, read);
  } catch (error) {
    if (isCode(error, 'ESTALE')) return readOnce(path, read);
    throw error;
  }
}

async function readOnce<Result>(
  path: string,
  read: (file: FileHandle) => Promise<Result>,
): Promise<Result | undefined> {
  const file = await open(path, FLAGS).catch(throwUnlessMissing);
  if (file === undefined) return undefined;
  try {
    return await read(file);
  } finally {
    await file.close();
  }
}

async function readUpTo(file: FileHandle, size: number): Promise<string> {
  const buffer = Buffer.allocUnsafe(size);
  let length = 0;
  while (length < size) {
    const { bytesRead } = await file.read(buffer, length, size - length, length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return buffer.toString('utf8', 0, length);
}

function throwUnlessMissing(error: unknown): undefined {
  if (isCode(error, 'ENOENT')) return undefined;
  if (isCode(error, 'ELOOP')) throw new UnreadableFileError('it is a symbolic link');
  throw error;
}

function sizeOf(file: Stats, max = MAX_JSON_BYTES): number {
  if (!file.isFile()) throw new UnreadableFileError('it is not a regular file');
  if (file.size > max) throw new UnreadableFileError(`it is larger than ${max} bytes`);
  return file.size;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new UnreadableFileError('it is not valid JSON', { cause: error });
  }
}
