import type { LogLine } from './history.ts';
import { harmless } from './harmless.ts';

/** Of a line only so many characters are shown: one line is a small part of a page. */
const MAX_LENGTH = 64 * 1024;

/**
 * Reads whole records of a log (see Log in `PROTOCOL.md`) and joins the parts of cut lines. Parts whose end is not among them are
 * a line of their own, so that nothing is left out; a record in no known format is shown as it stands. A line over 64 Ki characters
 * is cut, and ends with how long it was. What could harm a reader's terminal is made {@link harmless}.
 */
export function parseLog(bytes: Buffer): LogLine[] {
  const lines: LogLine[] = [];
  const parts = new Map<LogLine['stream'], Unfinished>();
  for (const record of bytes.toString('utf8').split('\n').slice(0, -1)) {
    const match = /^(\S+Z) (stdout|stderr) ([FP]) (.*)$/s.exec(record);
    const stream = match?.[2] === 'stdout' ? 'STDOUT' : 'STDERR';
    const before = parts.get(stream);
    const part = match?.[4] ?? record;
    const line: Unfinished = {
      text: (before?.text ?? '') + part.slice(0, MAX_LENGTH - (before?.text.length ?? 0)),
      length: (before?.length ?? 0) + part.length,
      stream,
      at: Date.parse(match?.[1] ?? '') || 0,
    };
    if (match?.[3] === 'P') {
      parts.set(stream, line);
    } else {
      parts.delete(stream);
      lines.push(finish(line));
    }
  }
  return [...lines, ...[...parts.values()].map(finish)];
}

/** A line, perhaps not all of it yet. */
interface Unfinished extends LogLine {
  /** Of the whole line, the cut part included. */
  readonly length: number;
}

function finish({ text, length, ...line }: Unfinished): LogLine {
  const cut = length > text.length ? ` [line cut: ${length} characters]` : '';
  return { ...line, text: harmless(text) + cut };
}
