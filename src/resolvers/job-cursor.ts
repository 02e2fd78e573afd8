import { InvalidInputError } from '../runner/index.ts';
import type { JobKey } from '../runner/index.ts';

/** The place of a job in any list of jobs, as opaque text: its sort key, not an offset. */
export function encodeJobCursor({ createdAt, id }: JobKey): string {
  return Buffer.from(`${createdAt} ${id}`).toString('base64url');
}

/** @throws InvalidInputError, with the name of the argument, when the cursor is not one of {@link encodeJobCursor} */
export function decodeJobCursor(cursor: string, argument: 'after' | 'before'): JobKey {
  const match = /^(\d{1,16}(?:\.\d{1,6})?) (job_\S{1,64})$/.exec(Buffer.from(cursor, 'base64url').toString());
  if (match?.[1] === undefined || match[2] === undefined) {
    throw new InvalidInputError(
      `${argument} must be a cursor that an earlier page of jobs gave (pageInfo.endCursor, or the cursor of an edge).`,
      [argument],
    );
  }
  return { createdAt: Number(match[1]), id: match[2] };
}
