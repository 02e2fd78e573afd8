import type { WebhookDescription } from '../runner/index.ts';
import type { Context } from './context.ts';

/** Every webhook that is set. */
export function listWebhooks({ runner }: Context): readonly WebhookDescription[] {
  return runner.notifications.webhooks;
}
