import { WebhookDeliveryNotFoundError, WebhookNotSetError } from '../job/errors.ts';
import type { Job } from '../job/types.ts';
import type { Logger } from '../logger.ts';
import type { Database } from '../store/database.ts';
import { createEndpoint } from './endpoint.ts';
import { messagesOf } from './message.ts';
import { createOutbox } from './outbox.ts';
import type { DeliveryFilter, DeliveryQuery, Webhook, WebhookDelivery, WebhookDescription } from './webhook.ts';

/** The API of webhooks. */
export interface Notifications {
  readonly webhooks: readonly WebhookDescription[];
  /** A page of deliveries, the newest first. */
  list(query: DeliveryQuery): readonly WebhookDelivery[];
  count(filter?: DeliveryFilter | null): number;
  /**
   * Sends a delivery again now, whatever its status.
   * @throws WebhookDeliveryNotFoundError, WebhookNotSetError
   */
  redeliver(id: string): WebhookDelivery;
}

/** The interface of webhooks within the runner. */
export interface WebhookRecorder {
  /**
   * Records the messages about a change of a job, to be sent soon. To be called inside the transaction that records the change:
   * both are recorded, or neither.
   */
  record(before: Job, next: Job): void;
  close(): Promise<void>;
}

export interface NotificationSettings {
  readonly database: Database;
  readonly webhooks: readonly Webhook[];
  /** See {@link RETRY_WAITS_MS}, the default. */
  readonly retryWaitsMs?: readonly number[] | undefined;
  readonly logger: Logger;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Recommended by the specification of Standard Webhooks: ten attempts in a little over three days. */
const RETRY_WAITS_MS: readonly number[] = [
  5 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
];
/** The same specification recommends 15 to 30 seconds. */
const TIMEOUT_MS = 15 * SECOND;
/** Retention of delivered and failed deliveries: maximum age and number. */
const MAX_AGE_MS = 30 * DAY;
const MAX_SETTLED = 10_000;
const PRUNE_EVERY_MS = HOUR;

/** Records messages about jobs together with the jobs, and sends each until it is delivered or has failed. */
export function createNotifications(settings: NotificationSettings): Notifications & WebhookRecorder {
  const { database, webhooks, retryWaitsMs = RETRY_WAITS_MS, logger } = settings;
  const outbox = createOutbox(database);
  const endpoints = new Map(
    webhooks.map((webhook) => [
      webhook.name,
      createEndpoint({ webhook, outbox, retryWaitsMs, timeoutMs: TIMEOUT_MS, logger }),
    ]),
  );
  const pruning = setInterval(prune, PRUNE_EVERY_MS).unref();
  let waking: NodeJS.Immediate | undefined;

  attempt(() => outbox.failAllExcept([...endpoints.keys()], 'This webhook is no longer configured.'));
  prune();
  wakeSoon();

  function prune(): void {
    attempt(() => outbox.prune(Date.now() - MAX_AGE_MS, MAX_SETTLED));
  }

  /** A failed cleanup does not keep the server from starting; it is repeated later. */
  function attempt(work: () => void): void {
    try {
      work();
    } catch (error) {
      logger.error({ err: error }, 'cannot clean up webhook deliveries');
    }
  }

  /** After the current transaction: until then there is nothing to send, and it may be rolled back. */
  function wakeSoon(): void {
    waking ??= setImmediate(() => {
      waking = undefined;
      for (const endpoint of endpoints.values()) endpoint.wake();
    });
  }

  return {
    record(before, next) {
      const messages = messagesOf(webhooks, before, next, Date.now());
      outbox.add(messages);
      if (messages.length > 0) wakeSoon();
    },
    get webhooks() {
      return [...endpoints.values()].map(({ webhook: { name, url, events }, isGone }) => ({
        name,
        origin: new URL(url).origin,
        events,
        gone: isGone,
      }));
    },
    list: (query) => outbox.page(query),
    count: (filter) => outbox.count(filter),
    redeliver(id) {
      const delivery = outbox.get(id);
      if (!delivery) throw new WebhookDeliveryNotFoundError(id);
      const endpoint = endpoints.get(delivery.webhook);
      if (!endpoint) throw new WebhookNotSetError(delivery.webhook);
      const again = {
        ...delivery,
        status: 'PENDING' as const,
        attempts: 0,
        nextAttemptAt: Date.now(),
        deliveredAt: null,
      };
      outbox.save(again);
      endpoint.revive();
      return outbox.get(id) ?? again;
    },
    async close() {
      clearInterval(pruning);
      clearImmediate(waking);
      await Promise.all([...endpoints.values()].map((endpoint) => endpoint.close()));
    },
  };
}
