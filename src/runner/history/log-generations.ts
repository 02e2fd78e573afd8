import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { isCode } from '../system-errors.ts';

/** One file of a log: the one that is written, or the one before it, which was renamed when it was full. */
export interface Generation {
  readonly file: FileHandle;
  /** Bytes at the time it was opened. */
  readonly size: number;
  /**
   * What tells it from other generations: a digest of its first line, which begins with the microsecond it was written in. Not the
   * inode, which a file system gives to the next new file as soon as this one is gone. Empty while there is no whole line.
   */
  readonly id: string;
  /** Whether nobody writes it any more. */
  readonly sealed: boolean;
}

/** The generations of one log, oldest first, open until it is disposed of. */
export interface Generations extends AsyncDisposable {
  readonly all: readonly Generation[];
}

/** Of a first line no more than this counts: its time comes first. */
const ID_BYTES = 256;
/** A writer that renames the log faster than it can be opened is none of ours. */
const TRIES = 5;

/** Opens the files of a log: `<path>.1`, where there is one, and `<path>`. A missing file is left out. */
export async function openGenerations(path: string): Promise<Generations> {
  for (let left = TRIES; ; left -= 1) {
    // The newer one first: whatever is renamed in between is then opened twice, which shows, and never missed.
    const files: FileHandle[] = [];
    try {
      const newer = await openIfThere(path);
      if (newer) files.push(newer);
      const older = await openIfThere(`${path}.1`);
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
  const isWhole = newline !== -1 || bytesRead === ID_BYTES;
  return { file, size, id: isWhole ? createHash('sha256').update(line).digest('hex').slice(0, 16) : '', sealed };
}

async function isSame(one: FileHandle, other: FileHandle): Promise<boolean> {
  const [a, b] = await Promise.all([one.stat({ bigint: true }), other.stat({ bigint: true })]);
  return a.ino === b.ino && a.dev === b.dev;
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
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
