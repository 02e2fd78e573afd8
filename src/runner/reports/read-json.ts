import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { isCode } from '../system-errors.ts';

/** No file of the protocol is larger (metrics and logs aside, which are read in pieces). */
const MAX_BYTES = 1024 * 1024;

/** The file is there but cannot be trusted. The message says why, without its content. */
export class UnreadableFileError extends Error {
  override readonly name = 'UnreadableFileError';
}

/**
 * Reads a JSON file that somebody else writes. Undefined when there is none.
 * @throws UnreadableFileError when it is not a regular file of at most 1 MiB with JSON in it
 */
export async function readJson(path: string): Promise<unknown> {
  // NONBLOCK: opening a FIFO that somebody put here must not hang a thread for ever. NOFOLLOW: nor must a link lead elsewhere.
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
    const { size } = await regularFile(file);
    const buffer = Buffer.allocUnsafe(size);
    let length = 0;
    while (length < size) {
      const { bytesRead } = await file.read(buffer, length, size - length, length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return JSON.parse(buffer.toString('utf8', 0, length)) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) throw new UnreadableFileError('it is not valid JSON', { cause: error });
    throw error;
  } finally {
    await file.close();
  }
}

async function regularFile(file: import('node:fs/promises').FileHandle): Promise<{ size: number }> {
  const stat = await file.stat();
  if (!stat.isFile()) throw new UnreadableFileError('it is not a regular file');
  if (stat.size > MAX_BYTES) throw new UnreadableFileError(`it is larger than ${MAX_BYTES} bytes`);
  return stat;
}
