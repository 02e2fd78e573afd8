import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { isCode } from '../system-errors.ts';
import { createMetricColumns, type MetricColumns } from './metric-columns.ts';
import { createMetricLineReader, type MetricLineReader } from './metric-line-reader.ts';

/** Bytes per read. Other requests wait while one chunk is parsed. */
const CHUNK_BYTES = 1024 * 1024;
/** Longer lines are ignored: no trainer writes them. */
const MAX_LINE = 1024 * 1024;
/** The last bytes that were read, compared with the file at the next read. They hold the time of a report, so no other file has them. */
const WITNESS_BYTES = 128;
const NEWLINE = 10;

/** The metrics history of one job, up to the end of the file at the last update. */
export interface MetricFile {
  readonly columns: MetricColumns;
  /**
   * Reads what was added since the last update. A missing file is an empty history. A file that was replaced or overwritten is read
   * from its start. An incomplete last line is read once it is complete.
   */
  update(): Promise<void>;
}

/** A file and the position up to which it was read. */
interface Reading {
  /** Device and inode. */
  readonly file: string;
  readonly columns: MetricColumns;
  readonly lines: MetricLineReader;
  /** Start of the first line that was not read yet. */
  offset: number;
  /** The bytes before `offset`. */
  witness: Buffer;
  /** Whether `offset` lies in a line that is too long. */
  isInLongLine: boolean;
}

export function createMetricFile(path: string): MetricFile {
  let reading = startReading('');

  return {
    get columns() {
      return reading.columns;
    },
    async update() {
      const handle = await openFile(path);
      if (!handle) {
        reading = startReading('');
        return;
      }
      try {
        const { dev, ino, size } = await handle.stat();
        const file = `${dev}:${ino}`;
        if (reading.file !== file || !(await isContinued(handle, reading, size))) reading = startReading(file);
        await readAppended(handle, reading, size);
      } finally {
        await handle.close();
      }
    },
  };
}

function startReading(file: string): Reading {
  const columns = createMetricColumns();
  const lines = createMetricLineReader(columns);
  return { file, columns, lines, offset: 0, witness: Buffer.alloc(0), isInLongLine: false };
}

async function openFile(path: string): Promise<FileHandle | undefined> {
  try {
    // Another program writes this file: a FIFO must not block a thread, and a link must not lead elsewhere.
    return await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Whether the file still starts with what was read. Inodes are reused, and files can be overwritten in place. */
async function isContinued(handle: FileHandle, { offset, witness }: Reading, size: number): Promise<boolean> {
  if (size < offset) return false;
  const bytes = Buffer.allocUnsafe(witness.length);
  return witness.length === 0 || ((await fill(handle, bytes, offset - witness.length)) && bytes.equals(witness));
}

async function readAppended(handle: FileHandle, reading: Reading, size: number): Promise<void> {
  if (size === reading.offset) return;
  const buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES + MAX_LINE, size - reading.offset));
  /** Bytes at the start of the buffer that belong to an incomplete line. */
  let kept = 0;
  for (;;) {
    const position = reading.offset + kept;
    const length = Math.min(CHUNK_BYTES, size - position);
    const { bytesRead } = length > 0 ? await handle.read(buffer, kept, length, position) : { bytesRead: 0 };
    if (bytesRead === 0) return;
    const end = kept + bytesRead;
    const read = readLines(buffer.subarray(0, end), reading);
    kept = end - read;
    if (kept > 0) buffer.copyWithin(0, read, end);
  }
}

/** @returns the number of bytes that are processed */
function readLines(bytes: Buffer, reading: Reading): number {
  let at = 0;
  for (let newline = bytes.indexOf(NEWLINE); newline !== -1; newline = bytes.indexOf(NEWLINE, at)) {
    if (reading.isInLongLine) reading.isInLongLine = false;
    else reading.lines.read(bytes, at, newline);
    at = newline + 1;
  }
  if (bytes.length - at >= MAX_LINE) {
    reading.isInLongLine = true;
    at = bytes.length;
  }
  if (at > 0) {
    reading.offset += at;
    reading.witness = Buffer.from(bytes.subarray(Math.max(0, at - WITNESS_BYTES), at));
  }
  return at;
}

async function fill(handle: FileHandle, bytes: Buffer, position: number): Promise<boolean> {
  const { bytesRead } = await handle.read(bytes, 0, bytes.length, position);
  return bytesRead === bytes.length;
}
