import type { LogLine } from './history.ts';

/** A line of which only the first parts come before a position. */
export interface UnfinishedLine {
  readonly stream: LogLine['stream'];
  /** Bytes from the start of the line to the position, across generations. */
  readonly distance: number;
  /** Characters so far. */
  readonly length: number;
}

/** A position in a log that survives its rotation. */
export interface LogCursor {
  /** Id of a generation; empty for the start of an empty log. */
  readonly id: string;
  /** Offset of the start of a record. */
  readonly offset: number;
  readonly unfinished: readonly UnfinishedLine[];
}

/** The position in an empty log: every later line comes after it. */
export const START: LogCursor = { id: '', offset: 0, unfinished: [] };

const CURSOR = /^log:([0-9a-f]{16})?:(\d{1,15})((?::[oe]\d{1,15}\.\d{1,15}){0,2})$/;

export function encodeLogCursor({ id, offset, unfinished }: LogCursor): string {
  const lines = unfinished.map(
    ({ stream, distance, length }) => `:${stream === 'STDOUT' ? 'o' : 'e'}${distance}.${length}`,
  );
  return Buffer.from(`log:${id}:${offset}${lines.join('')}`).toString('base64url');
}

/** Undefined if it is not the cursor of a log. */
export function decodeLogCursor(cursor: string): LogCursor | undefined {
  const match = CURSOR.exec(Buffer.from(cursor, 'base64url').toString('latin1'));
  if (!match) return undefined;
  const unfinished = (match[3] ?? '')
    .split(':')
    .filter((part) => part !== '')
    .map((part) => {
      const [distance, length] = part.slice(1).split('.').map(Number);
      return {
        stream: part.startsWith('o') ? 'STDOUT' : 'STDERR',
        distance: distance ?? 0,
        length: length ?? 0,
      } as const;
    });
  return { id: match[1] ?? '', offset: Number(match[2]), unfinished };
}
