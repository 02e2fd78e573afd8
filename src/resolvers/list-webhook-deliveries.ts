import { type DeliveryFilter, InvalidInputError, type WebhookDelivery } from '../runner/index.ts';
import type { Context } from './context.ts';
import { type Page, type PageArguments, takePage } from './page.ts';

export interface ListWebhookDeliveriesArguments extends PageArguments {
  readonly filter?: DeliveryFilter | null | undefined;
}

/** A page of deliveries as Relay's connection has it. */
export interface DeliveryPage extends Page<WebhookDelivery> {
  /** What the page was taken from, for those who count it. */
  readonly filter: DeliveryFilter | null;
}

/**
 * One page of deliveries, the newest first.
 * @throws InvalidInputError for a page size out of bounds, `first` together with `last`, or a cursor of another list
 */
export function listWebhookDeliveries({ runner }: Context, args: ListWebhookDeliveriesArguments): DeliveryPage {
  const filter = args.filter ?? null;
  const page = takePage(args, {
    list: (query) => runner.notifications.list({ filter, ...query }),
    placeOf: ({ number }) => number,
    encode: (number) => Buffer.from(`delivery:${number}`).toString('base64url'),
    decode,
  });
  return { ...page, filter };
}

/** How many deliveries a filter lets through. */
export function countWebhookDeliveries({ runner }: Context, filter: DeliveryFilter | null): number {
  return runner.notifications.count(filter);
}

function decode(cursor: string, argument: 'after' | 'before'): number {
  const number = /^delivery:(\d{1,15})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1'))?.[1];
  if (number !== undefined) return Number(number);
  const message = `${argument} must be a cursor that an earlier page of deliveries gave (pageInfo.endCursor, or the cursor of an edge).`;
  throw new InvalidInputError(message, [argument]);
}
