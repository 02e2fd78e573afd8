import { redeliverWebhook } from '../resolvers/redeliver-webhook.ts';
import { WebhookDeliveryNotFoundError, WebhookNotSetError } from '../runner/index.ts';
import { builder } from './builder.ts';
import { WebhookDeliveryRef } from './webhook.ts';

const RedeliverWebhookInput = builder.inputType('RedeliverWebhookInput', {
  description: 'What to send again.',
  fields: (t) => ({ id: t.id({ required: true, description: 'The id of the delivery.' }) }),
});

builder.mutationField('redeliverWebhook', (t) =>
  t.field({
    type: WebhookDeliveryRef,
    description:
      'Sends a delivery again, now, whatever became of it; if need be it is then tried again as often as the first time. Receivers see the same `webhook-id`.',
    args: { input: t.arg({ type: RedeliverWebhookInput, required: true, description: 'Which delivery.' }) },
    errors: {
      types: [WebhookDeliveryNotFoundError, WebhookNotSetError],
      directResult: false,
      result: { name: 'RedeliverWebhookSuccess', description: 'The delivery is on its way.' },
      union: { name: 'RedeliverWebhookResult', description: 'The delivery, or why it is not sent again.' },
      dataField: { name: 'delivery', description: 'The delivery as it is now.' },
    },
    resolve: (_root, { input }, context) => redeliverWebhook(context, input.id),
  }),
);
