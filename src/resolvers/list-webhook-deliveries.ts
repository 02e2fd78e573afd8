import { type DeliveryFilter, InvalidInputError, type WebhookDelivery } from '../runner/index.ts';
import type { Context } from './context.ts';
import { type Page, type PageArguments, takePage } from './page.ts';

export interface ListWebhookDeliveriesArguments extends PageArguments {
  readonly filter?: DeliveryFilter | null | undefined;
}

/** A page of deliveries in the shape of a Relay connection. */
export interface DeliveryPage extends Page<WebhookDelivery> {
  /** The filter of the list, for `totalCount`. */
  readonly filter: DeliveryFilter | null;
}

/**
 * Lists one page of deliveries, newest first.
 * @throws InvalidInputError for a page size out of range, `first` together with `last`, or a cursor of another list
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

/** Number of deliveries that match a filter. */
export function countWebhookDeliveries({ runner }: Context, filter: DeliveryFilter | null): number {
  return runner.notifications.count(filter);
}

function decode(cursor: string, argument: 'after' | 'before'): number {
  const number = /^delivery:(\d{1,15})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1'))?.[1];
  if (number !== undefined) return Number(number);
  const message = `${argument} must be a cursor from an earlier page of deliveries (pageInfo.endCursor or the cursor of an edge).`;
  throw new InvalidInputError(message, [argument]);
}
