import type { LogLine } from './history.ts';
import { sanitizeText } from './sanitize-text.ts';

/** Maximum characters of a line. */
export const LONGEST_LINE = 64 * 1024;
/** Maximum characters of a line on a page that would otherwise exceed {@link PAGE_BYTES}. */
const SHORT_LINE = 8 * 1024;
/** Maximum size of a page, so that it fits into one answer. */
const PAGE_BYTES = 2 * 1024 * 1024;

/** A line as it was read. */
export interface RawLine {
  /** At least the first {@link LONGEST_LINE} characters. */
  readonly text: string;
  /** Characters of the whole line. */
  readonly length: number;
  readonly stream: LogLine['stream'];
  /** ISO 8601; empty if unknown. */
  readonly time: string;
}

/** Collects the lines of a page within its limits. */
export interface PageLines {
  /** Whether no more lines fit. */
  readonly isFull: boolean;
  /** Adds one line. @returns a function that replaces it, for a line of which more is read */
  add(line: RawLine): (line: RawLine) => void;
  /** The lines in the order in which they were added. */
  finish(): LogLine[];
}

/**
 * Lines are cut at {@link LONGEST_LINE} characters. If the page gets too large, all its long lines are cut to {@link SHORT_LINE}, so that
 * a page has the requested number of lines rather than a few long ones; only then it has fewer lines.
 */
export function createPageLines(count: number): PageLines {
  const lines: RawLine[] = [];
  let longest = LONGEST_LINE;
  let size = 0;

  const cut = (line: RawLine): RawLine =>
    line.text.length <= longest ? line : { ...line, text: line.text.slice(0, longest) };

  function place(index: number, line: RawLine): void {
    const kept = cut(line);
    size += kept.text.length - (lines[index]?.text.length ?? 0);
    lines[index] = kept;
    if (size <= PAGE_BYTES || longest === SHORT_LINE) return;
    longest = SHORT_LINE;
    for (const [at, other] of lines.entries()) lines[at] = cut(other);
    size = lines.reduce((sum, { text }) => sum + text.length, 0);
  }

  return {
    get isFull() {
      return lines.length >= count || (longest === SHORT_LINE && size > PAGE_BYTES);
    },
    add(line) {
      const index = lines.length;
      place(index, line);
      return (more) => place(index, more);
    },
    finish: () => lines.map(show),
  };
}

/** A line of output for people: terminal sequences removed, control characters visible. */
function show({ text, length, stream, time }: RawLine): LogLine {
  const cut = length > text.length ? ` [line cut: ${length} characters]` : '';
  return { text: sanitizeText(text) + cut, stream, at: Date.parse(time) || 0 };
}
