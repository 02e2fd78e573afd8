import { InvalidInputError } from '../job/errors.ts';
import type { LogPage, LogQuery } from './history.ts';
import { type Generation, openGenerations } from './log-generations.ts';
import { parseLog } from './parse-log.ts';

const DEFAULT_LAST = 200;
const MAX_LAST = 10_000;
const CHUNK_BYTES = 64 * 1024;
/** Maximum size of a page, to the nearest chunk, so that it fits into one answer. */
const MAX_BYTES = 2 * 1024 * 1024;
const NEWLINE = 10;

/** A position in a log: the id of a generation, and the offset of the start of a line in it. */
interface LogPosition {
  readonly id: string;
  readonly offset: number;
}

/** Options of {@link readLog} that do not come from clients. */
export interface ReadLogOptions {
  /** Whether the job has ended. An incomplete last line then counts as complete, because no more is written. Default false. */
  readonly isOver?: boolean | undefined;
}

/** Complete lines of a generation, and the offset of their end. */
interface Piece {
  readonly bytes: Buffer;
  readonly lines: number;
  readonly end: number;
}

/** The position in an empty log: every later line comes after it. */
const START: LogPosition = { id: '', offset: 0 };

/**
 * Reads lines of a job's log: the newest `last`, or with `after` the oldest `last` of those after the cursor. An incomplete last line is
 * left out until it is complete. A missing file is an empty log.
 *
 * Pages continue across log rotation (see Limits in `PROTOCOL.md`). If the file of a cursor was deleted, the page starts at the oldest
 * line that is left; if the cursor is invalid, the page has the newest lines. Both have `gap: true`.
 * @throws InvalidInputError if `last` is out of bounds
 */
export async function readLog(
  path: string,
  query: LogQuery,
  { isOver = false }: ReadLogOptions = {},
): Promise<LogPage> {
  const last = checkedLast(query);
  const after = query.after == null ? undefined : decode(query.after);
  await using generations = await openGenerations(path);
  const all = isOver ? generations.all.map((generation) => ({ ...generation, sealed: true })) : generations.all;
  if (after !== undefined) return await nextPage(all, after, last);
  return { ...(await newestPage(all, last)), gap: query.after != null };
}

/**
 * The maximum number of lines that a query asks for.
 * @throws InvalidInputError if it is out of bounds
 */
export function checkedLast({ last }: LogQuery): number {
  if (last == null) return DEFAULT_LAST;
  if (Number.isInteger(last) && last >= 1 && last <= MAX_LAST) return last;
  throw new InvalidInputError(`last must be a whole number from 1 to ${MAX_LAST}; it was ${last}.`, ['last']);
}

async function newestPage(generations: readonly Generation[], last: number): Promise<LogPage> {
  const pieces: Buffer[] = [];
  let position = START;
  let missing = last;
  let room = MAX_BYTES;
  for (const generation of generations.toReversed()) {
    if (missing <= 0 || room <= 0) break;
    const { bytes, lines, end } = await tail(generation, missing, room);
    pieces.unshift(bytes);
    missing -= lines;
    room -= bytes.length;
    if (position === START && end > 0) position = { id: generation.id, offset: end };
  }
  return { lines: parseLog(Buffer.concat(pieces)).slice(-last), cursor: encode(position), gap: false };
}

async function nextPage(generations: readonly Generation[], after: LogPosition, last: number): Promise<LogPage> {
  const known = generations.findIndex(({ id }) => id !== '' && id === after.id);
  const pieces: Buffer[] = [];
  let position = after;
  let missing = last;
  let room = MAX_BYTES;
  for (const generation of generations.slice(Math.max(0, known))) {
    const from = generation.id === after.id ? Math.min(after.offset, generation.size) : 0;
    const { bytes, lines, end } = await head(generation, from, missing, room);
    pieces.push(bytes);
    missing -= lines;
    room -= bytes.length;
    if (end > 0) position = { id: generation.id, offset: end };
    // If the page is full, the next page continues with the newer generation.
    if (missing <= 0 || room <= 0 || (generation.sealed && end < generation.size)) break;
  }
  return { lines: parseLog(Buffer.concat(pieces)), cursor: encode(position), gap: known === -1 && after.id !== '' };
}

/** The last `count` lines of a generation, and at most one more; fewer if they need more bytes than `room`. */
async function tail(generation: Generation, count: number, room: number): Promise<Piece> {
  const { size } = generation;
  const chunks: Buffer[] = [];
  let from = size;
  let newlines = 0;
  // One newline more than lines: the one before the first line.
  while (from > 0 && size - from < room && newlines <= count) {
    const length = Math.min(CHUNK_BYTES, from);
    from -= length;
    const chunk = await read(generation, from, length);
    chunks.unshift(chunk);
    newlines += countNewlines(chunk);
  }
  const bytes = Buffer.concat(chunks);
  const begin = from === 0 ? 0 : bytes.indexOf(NEWLINE) + 1;
  return wholeLines(generation, bytes.subarray(begin), from + begin, Infinity);
}

/** At most `count` lines of a generation, from an offset on; fewer if they need more bytes than `room`. */
async function head(generation: Generation, from: number, count: number, room: number): Promise<Piece> {
  const chunks: Buffer[] = [];
  let length = 0;
  let newlines = 0;
  while (from + length < generation.size && length < room && newlines < count) {
    const chunk = await read(generation, from + length, Math.min(CHUNK_BYTES, generation.size - from - length));
    if (chunk.length === 0) break; // The file was truncated meanwhile.
    chunks.push(chunk);
    length += chunk.length;
    newlines += countNewlines(chunk);
  }
  return wholeLines(generation, Buffer.concat(chunks), from, count);
}

/** The complete lines, at most `count`, in bytes that start at offset `from`. */
function wholeLines(generation: Generation, bytes: Buffer, from: number, count: number): Piece {
  let end = 0;
  let lines = 0;
  for (; lines < count; lines += 1) {
    const newline = bytes.indexOf(NEWLINE, end);
    if (newline === -1) break;
    end = newline + 1;
  }
  // The last line of a sealed file counts as complete: no more is written to it.
  const isLast = generation.sealed && lines < count && from + bytes.length === generation.size;
  if (!isLast || end === bytes.length) return { bytes: bytes.subarray(0, end), lines, end: from + end };
  return { bytes: Buffer.concat([bytes, Buffer.from('\n')]), lines: lines + 1, end: from + bytes.length };
}

async function read({ file }: Generation, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await file.read(buffer, 0, length, position);
  return buffer.subarray(0, bytesRead);
}

function countNewlines(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, at + 1)) count += 1;
  return count;
}

const encode = ({ id, offset }: LogPosition) => Buffer.from(`log:${id}:${offset}`).toString('base64url');

function decode(cursor: string): LogPosition | undefined {
  const match = /^log:([0-9a-f]{16})?:(\d{1,15})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1'));
  return match ? { id: match[1] ?? '', offset: Number(match[2]) } : undefined;
}
