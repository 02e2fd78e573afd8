import { type AuditEntry, InvalidInputError } from '../runner/index.ts';
import type { Context } from './context.ts';
import { type Page, type PageArguments, takePage } from './page.ts';

/**
 * One page of the audit log, the newest entry first.
 * @throws InvalidInputError for a page size out of bounds, `first` together with `last`, or a cursor of another list
 */
export function listAudit({ runner }: Context, args: PageArguments): Page<AuditEntry> {
  return takePage(args, {
    list: (query) => runner.audit.list(query),
    placeOf: ({ number }) => number,
    encode: (number) => Buffer.from(`audit:${number}`).toString('base64url'),
    decode,
  });
}

function decode(cursor: string, argument: 'after' | 'before'): number {
  const number = /^audit:(\d{1,15})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1'))?.[1];
  if (number !== undefined) return Number(number);
  const message = `${argument} must be a cursor from an earlier page of the audit log (pageInfo.endCursor, or the cursor of an edge).`;
  throw new InvalidInputError(message, [argument]);
}
