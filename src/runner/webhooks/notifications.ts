import { WebhookDeliveryNotFoundError, WebhookNotSetError } from '../job/errors.ts';
import type { Job } from '../job/types.ts';
import type { Logger } from '../logger.ts';
import type { Database } from '../store/database.ts';
import { createEndpoint } from './endpoint.ts';
import { noticesOf } from './notice.ts';
import { createOutbox } from './outbox.ts';
import type { DeliveryFilter, DeliveryQuery, Webhook, WebhookDelivery, WebhookDescription } from './webhook.ts';

/** What can be seen and done of webhooks from outside. */
export interface Notifications {
  readonly webhooks: readonly WebhookDescription[];
  /** A page of deliveries, the newest first. */
  list(query: DeliveryQuery): readonly WebhookDelivery[];
  count(filter?: DeliveryFilter | null): number;
  /**
   * Sends a delivery again, now, whatever became of it.
   * @throws WebhookDeliveryNotFoundError, WebhookNotSetError
   */
  redeliver(id: string): WebhookDelivery;
}

/** The side of webhooks that the composition of the runner needs. */
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

/** As the specification of Standard Webhooks recommends: ten attempts in a little over three days. */
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
/** As recommended there: 15 to 30 seconds. */
const TIMEOUT_MS = 15 * SECOND;
/** Deliveries that are settled are kept so long, and so many of them. */
const KEPT_MS = 30 * DAY;
const KEPT = 10_000;
const PRUNE_EVERY_MS = HOUR;

/** Webhooks: what happens to jobs is recorded for them with the jobs, and sent from there until it is delivered or given up. */
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

  attempt(() => outbox.giveUpAllBut([...endpoints.keys()], 'No webhook of this name is set any more.'));
  prune();
  wakeSoon();

  function prune(): void {
    attempt(() => outbox.prune(Date.now() - KEPT_MS, KEPT));
  }

  /** What tidies up is no reason not to start, and is done again at the next start. */
  function attempt(work: () => void): void {
    try {
      work();
    } catch (error) {
      logger.error({ err: error }, 'cannot tidy up the deliveries of webhooks');
    }
  }

  /** After the transaction under way: until then there is nothing to send, and perhaps never. */
  function wakeSoon(): void {
    waking ??= setImmediate(() => {
      waking = undefined;
      for (const endpoint of endpoints.values()) endpoint.wake();
    });
  }

  return {
    record(before, next) {
      const notices = noticesOf(webhooks, before, next, Date.now());
      outbox.add(notices);
      if (notices.length > 0) wakeSoon();
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
