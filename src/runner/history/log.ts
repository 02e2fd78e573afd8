import { InvalidInputError } from '../job/errors.ts';
import type { LogPage, LogQuery } from './history.ts';
import { type Generation, openGenerations } from './log-generations.ts';
import { parseLog } from './parse-log.ts';

const DEFAULT_LAST = 200;
const MAX_LAST = 10_000;
const CHUNK_BYTES = 64 * 1024;
/** One page is no longer than this, give or take a chunk, however long its lines are: it fits into one answer. */
const MAX_BYTES = 2 * 1024 * 1024;
const NEWLINE = 10;

/** A place in a log: the id of a generation, and an offset in it at which a line begins. */
interface Place {
  readonly id: string;
  readonly offset: number;
}

/** What {@link readLog} may be told beyond what clients ask for. */
export interface LogReading {
  /** Nobody writes the log any more: a last line without an end is as whole as it gets. */
  readonly isOver?: boolean | undefined;
}

/** Whole lines of a generation, and where they end. */
interface Piece {
  readonly bytes: Buffer;
  readonly lines: number;
  readonly end: number;
}

/** Where there is nothing yet: what is there later comes after it, all of it. */
const BEGINNING: Place = { id: '', offset: 0 };

/**
 * Reads lines of a job's log: the newest `last`, or with `after` the oldest `last` of those that came since. A torn last line
 * waits for its rest. A missing file is an empty log.
 *
 * A log that has become too long goes on in a new file (see Limits in `PROTOCOL.md`), and so do these pages. A cursor whose file
 * is gone for good goes on with the oldest line that is left, and one that is none of this function's with the newest lines; both
 * with `gap: true`.
 * @throws InvalidInputError for a `last` out of bounds
 */
export async function readLog(path: string, query: LogQuery, { isOver = false }: LogReading = {}): Promise<LogPage> {
  const last = checkedLast(query);
  const after = query.after == null ? undefined : decode(query.after);
  await using generations = await openGenerations(path);
  const all = isOver ? generations.all.map((generation) => ({ ...generation, sealed: true })) : generations.all;
  if (after !== undefined) return await following(all, after, last);
  return { ...(await newest(all, last)), gap: query.after != null };
}

/**
 * How many lines a query wants at most.
 * @throws InvalidInputError when that is out of bounds
 */
export function checkedLast({ last }: LogQuery): number {
  if (last == null) return DEFAULT_LAST;
  if (Number.isInteger(last) && last >= 1 && last <= MAX_LAST) return last;
  throw new InvalidInputError(`last must be a whole number from 1 to ${MAX_LAST}, and is ${last}.`, ['last']);
}

async function newest(generations: readonly Generation[], last: number): Promise<LogPage> {
  const pieces: Buffer[] = [];
  let place = BEGINNING;
  let missing = last;
  let room = MAX_BYTES;
  for (const generation of generations.toReversed()) {
    if (missing <= 0 || room <= 0) break;
    const { bytes, lines, end } = await tail(generation, missing, room);
    pieces.unshift(bytes);
    missing -= lines;
    room -= bytes.length;
    if (place === BEGINNING && end > 0) place = { id: generation.id, offset: end };
  }
  return { lines: parseLog(Buffer.concat(pieces)).slice(-last), cursor: encode(place), gap: false };
}

async function following(generations: readonly Generation[], after: Place, last: number): Promise<LogPage> {
  const known = generations.findIndex(({ id }) => id !== '' && id === after.id);
  const pieces: Buffer[] = [];
  let place = after;
  let missing = last;
  let room = MAX_BYTES;
  for (const generation of generations.slice(Math.max(0, known))) {
    const from = generation.id === after.id ? Math.min(after.offset, generation.size) : 0;
    const { bytes, lines, end } = await head(generation, from, missing, room);
    pieces.push(bytes);
    missing -= lines;
    room -= bytes.length;
    if (end > 0) place = { id: generation.id, offset: end };
    // A page that is full, or has read as much as it may, leaves the newer generation to the next one.
    if (missing <= 0 || room <= 0 || (generation.sealed && end < generation.size)) break;
  }
  return { lines: parseLog(Buffer.concat(pieces)), cursor: encode(place), gap: known === -1 && after.id !== '' };
}

/** The last `count` lines of a generation, and at most one more; fewer when they need more bytes than there is room for. */
async function tail(generation: Generation, count: number, room: number): Promise<Piece> {
  const { size } = generation;
  const chunks: Buffer[] = [];
  let from = size;
  let newlines = 0;
  // One newline more than lines asked for: the one before the first of them.
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

/** At most `count` lines of a generation, from an offset on; fewer when they need more bytes than there is room for. */
async function head(generation: Generation, from: number, count: number, room: number): Promise<Piece> {
  const chunks: Buffer[] = [];
  let length = 0;
  let newlines = 0;
  while (from + length < generation.size && length < room && newlines < count) {
    const chunk = await read(generation, from + length, Math.min(CHUNK_BYTES, generation.size - from - length));
    if (chunk.length === 0) break; // It was cut short since.
    chunks.push(chunk);
    length += chunk.length;
    newlines += countNewlines(chunk);
  }
  return wholeLines(generation, Buffer.concat(chunks), from, count);
}

/** The whole lines, `count` at most, of bytes that begin at `from`. */
function wholeLines(generation: Generation, bytes: Buffer, from: number, count: number): Piece {
  let end = 0;
  let lines = 0;
  for (; lines < count; lines += 1) {
    const newline = bytes.indexOf(NEWLINE, end);
    if (newline === -1) break;
    end = newline + 1;
  }
  // Nobody will add the end of a last line to a file that is not written any more: it is as whole as it gets.
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

const encode = ({ id, offset }: Place) => Buffer.from(`log:${id}:${offset}`).toString('base64url');

function decode(cursor: string): Place | undefined {
  const match = /^log:([0-9a-f]{16})?:(\d{1,15})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1'));
  return match ? { id: match[1] ?? '', offset: Number(match[2]) } : undefined;
}
