import { type FileHandle, open } from 'node:fs/promises';
import { InvalidInputError } from '../errors.ts';
import { isCode } from '../files/read-json.ts';
import type { LogLine, LogPage, LogQuery } from '../runner.ts';

const DEFAULT_LAST = 200;
const MAX_LAST = 10_000;
const CHUNK_BYTES = 64 * 1024;
/** One page reads no more of the file than this, however long its lines are. */
const MAX_BYTES = 8 * 1024 * 1024;

/**
 * Reads lines of a job's log: the newest `last`, or with `after` the oldest `last` of those that came since. A torn last line
 * waits for its rest. A missing file is an empty log.
 * @throws InvalidInputError for a cursor that this function did not make, or a `last` out of bounds
 */
export async function readLog(path: string, query: LogQuery): Promise<LogPage> {
  const last = query.last ?? DEFAULT_LAST;
  if (!Number.isInteger(last) || last < 1 || last > MAX_LAST) {
    throw new InvalidInputError(`last is a whole number from 1 to ${MAX_LAST}.`, ['last']);
  }
  const after = query.after == null ? undefined : decodeOffset(query.after);
  let file;
  try {
    file = await open(path, 'r');
  } catch (error) {
    if (isCode(error, 'ENOENT')) return { lines: [], cursor: encodeOffset(0) };
    throw error;
  }
  try {
    const { size } = await file.stat();
    return after === undefined
      ? await newest(file, size, last)
      : await following(file, Math.min(after, size), size, last);
  } finally {
    await file.close();
  }
}

async function newest(file: FileHandle, size: number, last: number): Promise<LogPage> {
  let from = size;
  let bytes = Buffer.alloc(0);
  // One newline more than lines asked for: the one before the first of them.
  while (from > 0 && size - from < MAX_BYTES && newlines(bytes) <= last) {
    const length = Math.min(CHUNK_BYTES, from);
    from -= length;
    bytes = Buffer.concat([await read(file, from, length), bytes]);
  }
  const whole = bytes.subarray(from === 0 ? 0 : bytes.indexOf(10) + 1, bytes.lastIndexOf(10) + 1);
  const end = from + bytes.lastIndexOf(10) + 1;
  return { lines: parse(whole).slice(-last), cursor: encodeOffset(end) };
}

async function following(file: FileHandle, from: number, size: number, last: number): Promise<LogPage> {
  let bytes = Buffer.alloc(0);
  while (from + bytes.length < size && bytes.length < MAX_BYTES && newlines(bytes) < last) {
    const at = from + bytes.length;
    bytes = Buffer.concat([bytes, await read(file, at, Math.min(CHUNK_BYTES, size - at))]);
  }
  let end = 0;
  for (let count = 0; count < last; count += 1) {
    const newline = bytes.indexOf(10, end);
    if (newline === -1) break;
    end = newline + 1;
  }
  return { lines: parse(bytes.subarray(0, end)), cursor: encodeOffset(from + end) };
}

async function read(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await file.read(buffer, 0, length, position);
  return buffer.subarray(0, bytesRead);
}

function newlines(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) count += 1;
  return count;
}

/** Joins the parts of cut lines; a line in no known format is shown as it stands. */
function parse(bytes: Buffer): LogLine[] {
  const lines: LogLine[] = [];
  const parts = { STDOUT: '', STDERR: '' };
  for (const raw of bytes.toString('utf8').split('\n').slice(0, -1)) {
    const match = /^(\S+Z) (stdout|stderr) ([FP]) (.*)$/s.exec(raw);
    const stream = match?.[2] === 'stdout' ? 'STDOUT' : 'STDERR';
    const text = parts[stream] + (match?.[4] ?? raw);
    if (match?.[3] === 'P' && text.length < MAX_BYTES) {
      parts[stream] = text;
      continue;
    }
    parts[stream] = '';
    lines.push({ text, stream, at: Date.parse(match?.[1] ?? '') || 0 });
  }
  return lines;
}

const encodeOffset = (offset: number) => Buffer.from(`log:${offset}`).toString('base64url');

function decodeOffset(cursor: string): number {
  const match = /^log:(\d{1,15})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1'));
  if (!match) throw new InvalidInputError('after is not the cursor of a log page.', ['after']);
  return Number(match[1]);
}
