import type { LogLine } from './history.ts';
import { harmless } from './harmless.ts';

/** Parts of a line are joined up to so many characters. */
const MAX_LENGTH = 8 * 1024 * 1024;

/**
 * Reads whole records of a log (see Log in `PROTOCOL.md`) and joins the parts of cut lines. Parts whose end is not among them are
 * a line of their own, so that nothing is left out; a record in no known format is shown as it stands. What could harm a reader's
 * terminal is made {@link harmless}.
 */
export function parseLog(bytes: Buffer): LogLine[] {
  const lines: LogLine[] = [];
  const parts = new Map<LogLine['stream'], LogLine>();
  for (const record of bytes.toString('utf8').split('\n').slice(0, -1)) {
    const match = /^(\S+Z) (stdout|stderr) ([FP]) (.*)$/s.exec(record);
    const stream = match?.[2] === 'stdout' ? 'STDOUT' : 'STDERR';
    const text = (parts.get(stream)?.text ?? '') + (match?.[4] ?? record);
    const line: LogLine = { text, stream, at: Date.parse(match?.[1] ?? '') || 0 };
    if (match?.[3] === 'P' && text.length < MAX_LENGTH) {
      parts.set(stream, line);
    } else {
      parts.delete(stream);
      lines.push(line);
    }
  }
  return [...lines, ...parts.values()].map((line) => ({ ...line, text: harmless(line.text) }));
}
