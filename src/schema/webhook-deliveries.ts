import { countWebhookDeliveries, listWebhookDeliveries } from '../resolvers/list-webhook-deliveries.ts';
import { DEFAULT_PAGE } from '../resolvers/page.ts';
import { builder } from './builder.ts';
import { DeliveryStatusEnum, WebhookDeliveryRef, WebhookEventEnum } from './webhook.ts';

const WebhookDeliveryFilterInput = builder.inputType('WebhookDeliveryFilter', {
  description: 'Which deliveries: every condition given must hold.',
  fields: (t) => ({
    status: t.field({ type: [DeliveryStatusEnum], description: 'Any of these statuses.' }),
    jobId: t.id({ description: 'Those about this job.' }),
    webhook: t.string({ description: 'Those to the webhook of this name.' }),
    event: t.field({ type: [WebhookEventEnum], description: 'Those of any of these events.' }),
  }),
});

builder.queryField('webhookDeliveries', (t) =>
  t.connection(
    {
      type: WebhookDeliveryRef,
      description: 'A page of what webhooks were told, or are to be told; the newest first.',
      args: { filter: t.arg({ type: WebhookDeliveryFilterInput, description: 'Which deliveries; default all.' }) },
      complexity: ({ first, last }) => ({ field: 5, multiplier: first ?? last ?? DEFAULT_PAGE }),
      resolve: (_root, args, context) => listWebhookDeliveries(context, args),
    },
    {
      name: 'WebhookDeliveryConnection',
      description: 'A page of deliveries.',
      fields: (connection) => ({
        totalCount: connection.int({
          description: 'How many deliveries the filter lets through, all pages together.',
          resolve: ({ filter }, _args, context) => countWebhookDeliveries(context, filter),
        }),
      }),
    },
    { name: 'WebhookDeliveryEdge', description: 'A delivery on a page.' },
  ),
);
