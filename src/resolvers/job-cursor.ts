import { z } from 'zod';
import { InvalidInputError, type JobOrder, type JobPlace } from '../runner/index.ts';

const cursorText = z.tuple([z.string(), z.union([z.string(), z.number(), z.null()]), z.string()]);

/** The place of a job in a list as opaque text: its sort key in this order, not an offset. */
export function encodeJobCursor({ key, id }: JobPlace, order: JobOrder): string {
  return Buffer.from(JSON.stringify([nameOf(order), key, id])).toString('base64url');
}

/** @throws InvalidInputError, with the name of the argument, if the cursor is not from a list in this order */
export function decodeJobCursor(cursor: string, order: JobOrder, argument: 'after' | 'before'): JobPlace {
  const parsed = cursorText.safeParse(parse(cursor));
  if (parsed.success && parsed.data[0] === nameOf(order)) return { key: parsed.data[1], id: parsed.data[2] };
  throw new InvalidInputError(
    `${argument} must be a cursor from an earlier page of jobs in the same order (pageInfo.endCursor, or the cursor of an edge).`,
    [argument],
  );
}

/** The direction is left out: a place is the same in both directions. */
function nameOf({ field, metric }: JobOrder): string {
  return metric === null ? field : `${field} ${metric}`;
}

function parse(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    return undefined;
  }
}
