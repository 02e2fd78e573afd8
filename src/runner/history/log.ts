import { InvalidInputError } from '../job/errors.ts';
import type { LogLine, LogPage, LogQuery } from './history.ts';
import { decodeLogCursor, encodeLogCursor, type LogCursor, START, type UnfinishedLine } from './log-cursor.ts';
import { type Generation, openGenerations } from './log-generations.ts';
import { createPageLines, LONGEST_LINE, type RawLine } from './log-page-lines.ts';
import { type LogRecord, type Place, recordsBefore, recordsFrom } from './log-records.ts';

const DEFAULT_LAST = 200;
const MAX_LAST = 10_000;
/** Maximum distance of two parts of a line, bytes: between them, the other stream may have written. */
const LOOK_BACK_BYTES = 256 * 1024;

/** Options of {@link readLog} that do not come from clients. */
export interface ReadLogOptions {
  /** Whether the job has ended. An incomplete last line then counts as complete, because no more is written. Default false. */
  readonly isOver?: boolean | undefined;
}

/** A log with all its generations open. Places are positions in it. */
interface Log {
  readonly generations: readonly Generation[];
  readonly isOver: boolean;
}

/**
 * Reads lines of a job's log: the newest `last`, with `after` the oldest `last` of those after the cursor, with `before` the newest `last`
 * of those before it. A line counts once, however long it is. An incomplete last line is left out until it is complete. A missing file is
 * an empty log.
 *
 * Pages continue across log rotation (see Limits in `PROTOCOL.md`). If the file of a cursor was deleted, the page starts at the oldest
 * line that is left, or is empty with `before`; if the cursor is invalid, the page has the newest lines. All have `gap: true`.
 * @throws InvalidInputError if `last` is out of bounds, or for `after` together with `before`
 */
export async function readLog(
  path: string,
  query: LogQuery,
  { isOver = false }: ReadLogOptions = {},
): Promise<LogPage> {
  const last = checkedLast(query);
  await using opened = await openGenerations(path);
  const generations = isOver ? opened.all.map((generation) => ({ ...generation, sealed: true })) : opened.all;
  const log = { generations, isOver };
  const end = { generation: generations.length - 1, offset: generations.at(-1)?.size ?? 0 };
  const cursor = query.after ?? query.before;
  const position = cursor == null ? undefined : decodeLogCursor(cursor);
  if (position === undefined) return { ...(await pageBefore(log, end, last, isOver)), gap: cursor != null };
  if (query.after != null) return await pageAfter(log, position, last);
  const place = placeOf(generations, position);
  if (place) return { ...(await pageBefore(log, place, last, false)), gap: false };
  const here = encodeLogCursor(position);
  return { lines: [], cursor: here, startCursor: here, hasPreviousPage: false, gap: position.id !== '' };
}

/**
 * The maximum number of lines that a query asks for.
 * @throws InvalidInputError if it is out of bounds, or for both cursors
 */
export function checkedLast({ last, after, before }: LogQuery): number {
  if (after != null && before != null) throw new InvalidInputError('Give after or before, not both.', ['before']);
  if (last == null) return DEFAULT_LAST;
  if (Number.isInteger(last) && last >= 1 && last <= MAX_LAST) return last;
  throw new InvalidInputError(`last must be a whole number from 1 to ${MAX_LAST}; it was ${last}.`, ['last']);
}

/** A line that is read from its end to its start. */
interface LineFromEnd {
  /** Start of its last record. */
  readonly last: Place;
  parts: LogRecord[];
  length: number;
  /** Replaces the line on the page; undefined for a line after the page, which is only followed to its start. */
  readonly replace: ((line: RawLine) => void) | undefined;
}

/** @param unfinishedCount whether a line without an end counts as one */
async function pageBefore(
  { generations }: Log,
  before: Place,
  last: number,
  unfinishedCount: boolean,
): Promise<Omit<LogPage, 'gap'>> {
  const page = createPageLines(last);
  const open = new Map<LogLine['stream'], LineFromEnd>();
  const streams = new Set<LogLine['stream']>();
  const unfinished = new Map<LogLine['stream'], LineFromEnd>();
  let end: Place | undefined;
  let first: LogRecord | undefined;
  let hasPrevious = false;
  let needed = absolute(generations, before);

  for await (const record of recordsBefore(generations, before)) {
    end ??= { generation: record.start.generation, offset: record.end };
    const at = absolute(generations, record.start);
    if (record.kind === 'PART' && open.has(record.stream)) {
      const line = open.get(record.stream);
      if (line) prepend(line, record);
      needed = at;
    } else if (record.kind === 'PART' && (streams.has(record.stream) || !unfinishedCount)) {
      // Its end comes after the page, or it was left out with a line that did not fit.
      if (!streams.has(record.stream)) {
        const line: LineFromEnd = { last: record.start, parts: [], length: 0, replace: undefined };
        prepend(line, record);
        unfinished.set(record.stream, line);
        open.set(record.stream, line);
        needed = at;
      }
    } else {
      if (record.kind !== 'FOREIGN') open.delete(record.stream);
      if (page.isFull) {
        hasPrevious = true;
      } else {
        first = record;
        const replace = page.add(record);
        const line = { last: record.start, parts: [record], length: record.length, replace };
        if (record.kind !== 'FOREIGN') open.set(record.stream, line);
        needed = at;
      }
    }
    if (record.kind !== 'FOREIGN') streams.add(record.stream);
    if (page.isFull && hasPrevious && (open.size === 0 || needed - at > LOOK_BACK_BYTES)) break;
  }

  const position = end ?? before;
  const lines = [...unfinished].map(([stream, line]) => unfinishedLine(generations, stream, line, position));
  const start = first?.start ?? position;
  return {
    lines: page.finish().reverse(),
    cursor: encodeLogCursor(cursorAt(generations, position, lines)),
    startCursor: encodeLogCursor(cursorAt(generations, start, [])),
    hasPreviousPage: hasPrevious,
  };
}

/** Adds an earlier part to a line, of which only the start is kept. */
function prepend(line: LineFromEnd, record: LogRecord): void {
  line.parts.unshift(record);
  line.length += record.length;
  let kept = 0;
  const enough = line.parts.findIndex(({ text }) => (kept += text.length) >= LONGEST_LINE);
  if (enough !== -1) line.parts = line.parts.slice(0, enough + 1);
  line.replace?.({ ...record, text: line.parts.map(({ text }) => text).join(''), length: line.length });
}

function unfinishedLine(
  generations: readonly Generation[],
  stream: LogLine['stream'],
  { parts, length }: LineFromEnd,
  position: Place,
): UnfinishedLine {
  const start = parts[0]?.start ?? position;
  return { stream, distance: absolute(generations, position) - absolute(generations, start), length };
}

/** A line that is read from its start. */
interface LineFromStart {
  readonly start: number;
  text: string;
  length: number;
  time: string;
}

async function pageAfter(log: Log, after: LogCursor, last: number): Promise<LogPage> {
  const { generations } = log;
  const page = createPageLines(last);
  const from = placeOf(generations, after) ?? { generation: 0, offset: 0 };
  const gap = placeOf(generations, after) === undefined && after.id !== '';
  const open = await reopen(generations, from, gap ? [] : after.unfinished);
  let position = from;
  let first: Place | undefined;
  let isComplete = true;

  for await (const record of recordsFrom(generations, from)) {
    const before = record.kind === 'FOREIGN' ? undefined : open.get(record.stream);
    const line: LineFromStart = {
      start: before?.start ?? absolute(generations, record.start),
      text: (before?.text ?? '') + record.text.slice(0, Math.max(0, LONGEST_LINE - (before?.text.length ?? 0))),
      length: (before?.length ?? 0) + record.length,
      time: record.time,
    };
    if (record.kind === 'PART') {
      open.set(record.stream, line);
    } else {
      if (record.kind === 'LAST') open.delete(record.stream);
      page.add({ ...record, ...line });
      first ??= record.start;
    }
    position = { generation: record.start.generation, offset: record.end };
    if (page.isFull) {
      isComplete = false;
      break;
    }
  }

  if (log.isOver && isComplete) {
    for (const [stream, line] of open) page.add({ ...line, stream });
    open.clear();
  }
  const at = absolute(generations, position);
  const lines = [...open].map(([stream, { start, length }]) => ({ stream, distance: at - start, length }));
  const isSame = position === from;
  const start = first ?? position;
  return {
    lines: page.finish(),
    cursor: encodeLogCursor(isSame && !gap && open.size > 0 ? after : cursorAt(generations, position, lines, after)),
    startCursor: encodeLogCursor(cursorAt(generations, start, [], after)),
    hasPreviousPage: absolute(generations, start) > 0,
    gap,
  };
}

/** Reads the start of the lines that are unfinished at a position. */
async function reopen(
  generations: readonly Generation[],
  position: Place,
  unfinished: readonly UnfinishedLine[],
): Promise<Map<LogLine['stream'], LineFromStart>> {
  const open = new Map<LogLine['stream'], LineFromStart>();
  for (const { stream, distance, length } of unfinished) {
    const end = absolute(generations, position);
    const start = Math.max(0, end - distance);
    const line: LineFromStart = { start, text: '', length, time: '' };
    for await (const record of recordsFrom(generations, placeAt(generations, start))) {
      const at = absolute(generations, record.start);
      if (at >= end || at - start > LOOK_BACK_BYTES || line.text.length >= LONGEST_LINE) break;
      if (record.stream === stream && record.kind === 'PART')
        Object.assign(line, { text: line.text + record.text, time: record.time });
    }
    open.set(stream, line);
  }
  return open;
}

/** Offset of a place in all generations, one after the other. */
function absolute(generations: readonly Generation[], { generation, offset }: Place): number {
  return generations.slice(0, Math.max(0, generation)).reduce((sum, { size }) => sum + size, offset);
}

function placeAt(generations: readonly Generation[], at: number): Place {
  let offset = at;
  for (const [generation, { size }] of generations.entries()) {
    if (offset < size || generation === generations.length - 1) return { generation, offset };
    offset -= size;
  }
  return { generation: 0, offset: 0 };
}

/** The place of a cursor; undefined if its generation does not exist. */
function placeOf(generations: readonly Generation[], { id, offset }: LogCursor): Place | undefined {
  const generation = generations.findIndex((one) => one.id !== '' && one.id === id);
  const found = generations[generation];
  return found && { generation, offset: Math.min(offset, found.size) };
}

/** The cursor of a place. In an empty generation, the end of the one before it; before the first line, `otherwise`. */
function cursorAt(
  generations: readonly Generation[],
  { generation, offset }: Place,
  unfinished: readonly UnfinishedLine[],
  otherwise: LogCursor = START,
): LogCursor {
  const id = generations[generation]?.id ?? '';
  if (id !== '') return { id, offset, unfinished };
  return offset > 0 ? { id, offset, unfinished } : otherwise;
}
