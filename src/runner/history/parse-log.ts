import type { LogLine } from './history.ts';
import { sanitizeText } from './sanitize-text.ts';

/** Maximum characters of a line, so that one line is a small part of a page. */
const MAX_LENGTH = 64 * 1024;

/**
 * Parses complete records of a log (see Log in `PROTOCOL.md`) and joins the parts of split lines. Parts without an end become a line, so
 * that nothing is left out. A record in an unknown format is shown unchanged. A line of more than 64 Ki characters is cut, and ends with
 * its length. All text goes through {@link sanitizeText}.
 */
export function parseLog(bytes: Buffer): LogLine[] {
  const lines: LogLine[] = [];
  const parts = new Map<LogLine['stream'], PartialLine>();
  for (const record of bytes.toString('utf8').split('\n').slice(0, -1)) {
    const match = /^(\S+Z) (stdout|stderr) ([FP]) (.*)$/s.exec(record);
    const stream = match?.[2] === 'stdout' ? 'STDOUT' : 'STDERR';
    const before = parts.get(stream);
    const part = match?.[4] ?? record;
    const line: PartialLine = {
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

/** A line that may still be incomplete. */
interface PartialLine extends LogLine {
  /** Length of the whole line, the cut part included. */
  readonly length: number;
}

function finish({ text, length, ...line }: PartialLine): LogLine {
  const cut = length > text.length ? ` [line cut: ${length} characters]` : '';
  return { ...line, text: sanitizeText(text) + cut };
}
