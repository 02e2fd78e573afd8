import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { isCode } from '../system-errors.ts';

/** No file of the protocol is larger (metrics and logs aside, which are read in pieces). */
export const MAX_JSON_BYTES = 1024 * 1024;

/** The file exists but is not valid. The message says why, without its content. */
export class UnreadableFileError extends Error {
  override readonly name = 'UnreadableFileError';
}

/**
 * Reads a JSON file that another program writes. Undefined if there is none.
 * @throws UnreadableFileError when it is not a regular file of at most 1 MiB with JSON in it
 */
export async function readJson(path: string): Promise<unknown> {
  const text = await readFrom(path, async (file) => {
    const { size } = await regularFile(file);
    if (size > MAX_JSON_BYTES) throw new UnreadableFileError(`it is larger than ${MAX_JSON_BYTES} bytes`);
    return readUpTo(file, size);
  });
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new UnreadableFileError('it is not valid JSON', { cause: error });
  }
}

/**
 * The first bytes of a file that another program writes, as text. Undefined if there is none.
 * @throws UnreadableFileError when it is not a regular file
 */
export function readHead(path: string, bytes: number): Promise<string | undefined> {
  return readFrom(path, async (file) => {
    const { size } = await regularFile(file);
    return readUpTo(file, Math.min(size, bytes));
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
  // NONBLOCK: opening a FIFO must not block a thread. NOFOLLOW: a link must not lead elsewhere.
  const flags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW;
  let file;
  try {
    file = await open(path, flags);
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    if (isCode(error, 'ELOOP')) throw new UnreadableFileError('it is a symbolic link');
    throw error;
  }
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

async function regularFile(file: FileHandle): Promise<{ size: number }> {
  const stat = await file.stat();
  if (!stat.isFile()) throw new UnreadableFileError('it is not a regular file');
  return stat;
}
