import type { LogLine } from './history.ts';
import type { Generation } from './log-generations.ts';

/** A position in a log: the index of a generation, and an offset in it. */
export interface Place {
  readonly generation: number;
  readonly offset: number;
}

/** One record of a log: a line of the file (see Log in `PROTOCOL.md`). */
export interface LogRecord {
  /** Start of the record. */
  readonly start: Place;
  /** Offset of its end in the same generation, the newline included. */
  readonly end: number;
  readonly stream: LogLine['stream'];
  /** `LAST` ends a line, `PART` does not. `FOREIGN` is text in another format, for example a traceback of the supervisor. */
  readonly kind: 'LAST' | 'PART' | 'FOREIGN';
  /** At most {@link HEAD_BYTES}. */
  readonly text: string;
  /** Characters of the whole text. */
  readonly length: number;
  /** When it was written, ISO 8601; empty for `FOREIGN`. */
  readonly time: string;
}

const CHUNK_BYTES = 64 * 1024;
/** Maximum size of the stored part of a record. The writer splits lines into records of 16 KiB; longer ones were written by others. */
const HEAD_BYTES = 64 * 1024 + 128;
const NEWLINE = 10;
const NO_BYTES = Buffer.alloc(0);

/** The complete records from a position on. The rest of a sealed generation after its last newline counts as complete. */
export async function* recordsFrom(generations: readonly Generation[], from: Place): AsyncGenerator<LogRecord> {
  for (let index = from.generation; index < generations.length; index += 1) {
    const generation = generations[index];
    if (!generation) return;
    let start = index === from.generation ? from.offset : 0;
    let head: Buffer = NO_BYTES;
    let bytes = 0;
    for (let at = start; at < generation.size;) {
      const chunk = await read(generation, at, Math.min(CHUNK_BYTES, generation.size - at));
      if (chunk.length === 0) break; // The file was truncated meanwhile.
      at += chunk.length;
      let begin = 0;
      for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, begin)) {
        const piece = chunk.subarray(begin, end);
        const whole = bytes === 0 ? piece : keepHead(head, piece);
        const size = bytes + piece.length;
        yield parse(whole, size, { generation: index, offset: start }, start + size + 1);
        start += size + 1;
        [head, bytes, begin] = [NO_BYTES, 0, end + 1];
      }
      head = keepHead(head, chunk.subarray(begin));
      bytes += chunk.length - begin;
    }
    if (bytes > 0 && generation.sealed) yield parse(head, bytes, { generation: index, offset: start }, start + bytes);
    // Later records come after the rest of this line.
    if (bytes > 0 && !generation.sealed) return;
  }
}

/** The complete records before a position, the newest first. */
export async function* recordsBefore(generations: readonly Generation[], before: Place): AsyncGenerator<LogRecord> {
  for (let index = Math.min(before.generation, generations.length - 1); index >= 0; index -= 1) {
    const generation = generations[index];
    if (!generation) return;
    const size = index === before.generation ? Math.min(before.offset, generation.size) : generation.size;
    // Bytes after the last newline are a record only if nothing is added to them.
    let isRecord = generation.sealed || size < generation.size;
    let end = size;
    let head: Buffer = NO_BYTES;
    let bytes = 0;
    for (let at = size; at > 0;) {
      const length = Math.min(CHUNK_BYTES, at);
      at -= length;
      const chunk = await read(generation, at, length);
      if (chunk.length < length) return; // The file was truncated meanwhile.
      let until = chunk.length;
      for (let newline = lastNewline(chunk, until); newline !== -1; newline = lastNewline(chunk, until)) {
        const piece = chunk.subarray(newline + 1, until);
        const total = piece.length + bytes;
        const offset = at + newline + 1;
        if (isRecord && end > offset) yield parse(keepHead(piece, head), total, { generation: index, offset }, end);
        [head, bytes, until, end, isRecord] = [NO_BYTES, 0, newline, at + newline + 1, true];
      }
      head = keepHead(chunk.subarray(0, until), head);
      bytes += until;
    }
    if (isRecord && end > 0) yield parse(head, bytes, { generation: index, offset: 0 }, end);
  }
}

const lastNewline = (chunk: Buffer, until: number) => (until === 0 ? -1 : chunk.lastIndexOf(NEWLINE, until - 1));

/** The start of two pieces that follow each other. */
function keepHead(first: Buffer, second: Buffer): Buffer {
  if (second.length === 0 || first.length >= HEAD_BYTES) return first;
  if (first.length === 0) return second.subarray(0, HEAD_BYTES);
  return Buffer.concat([first, second.subarray(0, HEAD_BYTES - first.length)]);
}

function parse(head: Buffer, bytes: number, start: Place, end: number): LogRecord {
  const record = head.toString('utf8');
  const match = /^(\S+Z) (stdout|stderr) ([FP]) (.*)$/s.exec(record);
  const text = match?.[4] ?? record;
  const length = text.length + (bytes - head.length);
  const [, time = '', stream, tag] = match ?? [];
  const kind = tag === undefined ? 'FOREIGN' : tag === 'P' ? 'PART' : 'LAST';
  return { start, end, stream: stream === 'stdout' ? 'STDOUT' : 'STDERR', kind, text, length, time };
}

async function read({ file }: Generation, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await file.read(buffer, 0, length, position);
  return buffer.subarray(0, bytesRead);
}
