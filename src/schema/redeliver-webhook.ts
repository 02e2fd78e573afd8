import { redeliverWebhook } from '../resolvers/redeliver-webhook.ts';
import { WebhookDeliveryNotFoundError, WebhookNotSetError } from '../runner/index.ts';
import { builder } from './builder.ts';
import { WebhookDeliveryRef } from './webhook.ts';

const RedeliverWebhookInput = builder.inputType('RedeliverWebhookInput', {
  description: 'Input of `redeliverWebhook`.',
  fields: (t) => ({ id: t.id({ required: true, description: 'Id of the delivery.' }) }),
});

builder.mutationField('redeliverWebhook', (t) =>
  t.field({
    type: WebhookDeliveryRef,
    description:
      'Sends a delivery again immediately, whatever its status. If that fails, the retries start over. Receivers see the same `webhook-id`.',
    args: { input: t.arg({ type: RedeliverWebhookInput, required: true, description: 'Delivery to send again.' }) },
    authScopes: { admin: true },
    errors: {
      types: [WebhookDeliveryNotFoundError, WebhookNotSetError],
      directResult: false,
      result: { name: 'RedeliverWebhookSuccess', description: 'The delivery is being sent again.' },
      union: { name: 'RedeliverWebhookResult', description: 'Result of `redeliverWebhook`.' },
      dataField: { name: 'delivery', description: 'Current state of the delivery.' },
    },
    resolve: (_root, { input }, context) => redeliverWebhook(context, input.id),
  }),
);
