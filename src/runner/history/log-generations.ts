import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { isCode } from '../system-errors.ts';

/** One file of a rotated log: the current one, or the one before it, which was renamed when it was full. */
export interface Generation {
  readonly file: FileHandle;
  /** Size when it was opened, bytes. */
  readonly size: number;
  /**
   * Identifies this generation: a digest of its first line, which starts with the microsecond in which it was written. Not the inode,
   * because a file system may reuse it for the next file. Empty until the first line is complete.
   */
  readonly id: string;
  /** Whether it is complete: nothing writes to it any more. */
  readonly sealed: boolean;
}

/** The generations of one log, oldest first. Their files stay open until it is disposed. */
export interface Generations extends AsyncDisposable {
  readonly all: readonly Generation[];
}

/** Bytes of the first line that are part of the id. The time comes first. */
const ID_BYTES = 256;
/** Attempts to open both files between two rotations. */
const MAX_TRIES = 5;

/** Opens the files of a log: `<path>.1` and `<path>`. A missing file is left out. */
export async function openGenerations(path: string): Promise<Generations> {
  for (let left = MAX_TRIES; ; left -= 1) {
    // The newer one first: a file that is renamed in between is then opened twice, which is detected, and never missed.
    const files: FileHandle[] = [];
    try {
      const newer = await openIfExists(path);
      if (newer) files.push(newer);
      const older = await openIfExists(`${path}.1`);
      if (older) files.push(older);
      const all: Generation[] = [];
      if (older) all.push(await inspect(older, true));
      if (newer) all.push(await inspect(newer, false));
      if (newer && older && left > 1 && (await isSame(newer, older))) {
        await close(files);
        continue;
      }
      return { all, [Symbol.asyncDispose]: () => close(files) };
    } catch (error) {
      await close(files);
      throw error;
    }
  }
}

async function inspect(file: FileHandle, sealed: boolean): Promise<Generation> {
  const { size } = await file.stat();
  const { bytesRead, buffer } = await file.read(Buffer.alloc(ID_BYTES), 0, ID_BYTES, 0);
  const head = buffer.subarray(0, bytesRead);
  const newline = head.indexOf(10);
  const line = newline === -1 ? head : head.subarray(0, newline);
  const isComplete = newline !== -1 || bytesRead === ID_BYTES;
  return { file, size, id: isComplete ? createHash('sha256').update(line).digest('hex').slice(0, 16) : '', sealed };
}

async function isSame(one: FileHandle, other: FileHandle): Promise<boolean> {
  const [a, b] = await Promise.all([one.stat({ bigint: true }), other.stat({ bigint: true })]);
  return a.ino === b.ino && a.dev === b.dev;
}

async function openIfExists(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

async function close(files: readonly FileHandle[]): Promise<void> {
  for (const file of files) await file.close();
}
