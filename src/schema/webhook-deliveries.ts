import { countWebhookDeliveries, listWebhookDeliveries } from '../resolvers/list-webhook-deliveries.ts';
import { DEFAULT_PAGE } from '../resolvers/page.ts';
import { builder } from './builder.ts';
import { DeliveryStatusEnum, WebhookDeliveryRef, WebhookEventEnum } from './webhook.ts';

const WebhookDeliveryFilterInput = builder.inputType('WebhookDeliveryFilter', {
  description: 'Filter for deliveries: a delivery must meet all given conditions.',
  fields: (t) => ({
    status: t.field({ type: [DeliveryStatusEnum], description: 'Match any of these statuses.' }),
    jobId: t.id({ description: 'Match deliveries about this job.' }),
    webhook: t.string({ description: 'Match deliveries to the webhook with this name.' }),
    event: t.field({ type: [WebhookEventEnum], description: 'Match any of these events.' }),
  }),
});

builder.queryField('webhookDeliveries', (t) =>
  t.connection(
    {
      type: WebhookDeliveryRef,
      description: 'Lists webhook deliveries page by page, newest first.',
      args: {
        filter: t.arg({
          type: WebhookDeliveryFilterInput,
          description: 'Filter for deliveries; default: all deliveries.',
        }),
      },
      complexity: ({ first, last }) => ({ field: 5, multiplier: first ?? last ?? DEFAULT_PAGE }),
      resolve: (_root, args, context) => listWebhookDeliveries(context, args),
    },
    {
      name: 'WebhookDeliveryConnection',
      description: 'A page of deliveries.',
      fields: (connection) => ({
        totalCount: connection.int({
          description: 'Number of deliveries that match the filter, on all pages.',
          resolve: ({ filter }, _args, context) => countWebhookDeliveries(context, filter),
        }),
      }),
    },
    { name: 'WebhookDeliveryEdge', description: 'A delivery on a page.' },
  ),
);
