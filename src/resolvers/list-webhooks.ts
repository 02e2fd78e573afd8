import type { WebhookDescription } from '../runner/index.ts';
import type { Context } from './context.ts';

/** Lists all configured webhooks. */
export function listWebhooks({ runner }: Context): readonly WebhookDescription[] {
  return runner.notifications.webhooks;
}
