import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { isCode } from '../system-errors.ts';
import { createMetricColumns, type MetricColumns } from './metric-columns.ts';
import { createReportReader, type ReportReader } from './report-reader.ts';

/** Read at once: what this takes to be understood is how long another request may have to wait. */
const CHUNK_BYTES = 1024 * 1024;
/** A longer line is no report of ours. */
const MAX_LINE = 1024 * 1024;
/** So much of what was read last is compared with what is there now. It holds the time of a report, so no other file has it. */
const WITNESS_BYTES = 128;
const NEWLINE = 10;

/** The metrics history of one job, read as far as it went when it was looked at last. */
export interface MetricFile {
  readonly columns: MetricColumns;
  /**
   * Reads what was added since. A missing file is an empty history; one that is not the same any more is read anew. A last line
   * that is torn waits for its rest.
   */
  update(): Promise<void>;
}

/** What is known of a file: which one it is, and how far it was read. */
interface Reading {
  readonly file: string;
  readonly columns: MetricColumns;
  readonly reports: ReportReader;
  /** Where the first line begins that was not read. */
  offset: number;
  /** The bytes before `offset`. */
  witness: Buffer;
  /** `offset` lies in a line that is too long. */
  isInLongLine: boolean;
}

export function createMetricFile(path: string): MetricFile {
  let reading = begin('');

  return {
    get columns() {
      return reading.columns;
    },
    async update() {
      const handle = await openFile(path);
      if (!handle) {
        reading = begin('');
        return;
      }
      try {
        const { dev, ino, size } = await handle.stat();
        const file = `${dev}:${ino}`;
        if (reading.file !== file || !(await continues(handle, reading, size))) reading = begin(file);
        await readOn(handle, reading, size);
      } finally {
        await handle.close();
      }
    },
  };
}

function begin(file: string): Reading {
  const columns = createMetricColumns();
  const reports = createReportReader(columns);
  return { file, columns, reports, offset: 0, witness: Buffer.alloc(0), isInLongLine: false };
}

async function openFile(path: string): Promise<FileHandle | undefined> {
  try {
    // As every file that others write: a FIFO must not hang a thread for ever, and a link not lead elsewhere.
    return await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Whether the file still begins with what was read. Inodes are used again, and files written over. */
async function continues(handle: FileHandle, { offset, witness }: Reading, size: number): Promise<boolean> {
  if (size < offset) return false;
  const bytes = Buffer.allocUnsafe(witness.length);
  return witness.length === 0 || ((await fill(handle, bytes, offset - witness.length)) && bytes.equals(witness));
}

async function readOn(handle: FileHandle, reading: Reading, size: number): Promise<void> {
  if (size === reading.offset) return;
  const buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES + MAX_LINE, size - reading.offset));
  /** How many bytes at the beginning of the buffer are a line that has not ended. */
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

/** @returns how many bytes are done with */
function readLines(bytes: Buffer, reading: Reading): number {
  let at = 0;
  for (let newline = bytes.indexOf(NEWLINE); newline !== -1; newline = bytes.indexOf(NEWLINE, at)) {
    if (reading.isInLongLine) reading.isInLongLine = false;
    else reading.reports.read(bytes, at, newline);
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
