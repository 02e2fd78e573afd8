import type { WebhookDelivery } from '../runner/index.ts';
import type { Context } from './context.ts';

/**
 * Sends a delivery again immediately.
 * @throws WebhookDeliveryNotFoundError, WebhookNotSetError
 */
export function redeliverWebhook({ runner }: Context, id: string): WebhookDelivery {
  return runner.notifications.redeliver(id);
}
