import { Webhook as Signature } from 'standardwebhooks';
import type { Logger } from '../logger.ts';
import type { Outbox } from './outbox.ts';
import { post, type PostOutcome } from './post.ts';
import type { Webhook, WebhookDelivery } from './webhook.ts';

/** Sends the due deliveries of one webhook. Each webhook has its own endpoint, so that a slow receiver does not delay others. */
export interface Endpoint {
  readonly webhook: Webhook;
  /** Whether the receiver has answered 410 Gone. */
  readonly isGone: boolean;
  /** Checks now which deliveries are due. */
  wake(): void;
  /** Sends to the receiver again, even if it was gone. */
  revive(): void;
  /** Aborts the attempts in progress: the next server repeats them. */
  close(): Promise<void>;
}

export interface EndpointSettings {
  readonly webhook: Webhook;
  readonly outbox: Outbox;
  /** Delays after each failed attempt, ms. A delivery fails after one more attempt than there are delays. */
  readonly retryWaitsMs: readonly number[];
  /** Timeout of one attempt, ms. */
  readonly timeoutMs: number;
  readonly logger: Logger;
}

const MAX_CONCURRENT = 4;
/** Attempts are due by the wall clock, which may be set: it is checked at least this often while a delivery waits, ms. */
const MAX_WAIT_MS = 60_000;
const MIN_WAIT_MS = 10;
/** Delay after the outbox could not be read or written, ms. */
const OUTBOX_ERROR_WAIT_MS = 5_000;

export function createEndpoint({ webhook, outbox, retryWaitsMs, timeoutMs, logger }: EndpointSettings): Endpoint {
  const signature = new Signature(webhook.secret);
  const closing = new AbortController();
  const inProgress = new Map<string, Promise<void>>();
  let timer: NodeJS.Timeout | undefined;
  let isGone = false;

  function wake(): void {
    clearTimeout(timer);
    if (closing.signal.aborted) return;
    try {
      wakeIn(sendDue(Date.now()));
    } catch (error) {
      logger.error({ err: error, webhook: webhook.name }, 'cannot read or write webhook deliveries; trying again');
      wakeIn(OUTBOX_ERROR_WAIT_MS);
    }
  }

  function wakeIn(waitMs: number | null): void {
    clearTimeout(timer);
    if (waitMs === null || closing.signal.aborted) return;
    timer = setTimeout(wake, Math.min(Math.max(waitMs, MIN_WAIT_MS), MAX_WAIT_MS)).unref();
  }

  /** @returns time until the next delivery is due, ms; null if none is pending, or the end of an attempt wakes the endpoint anyway */
  function sendDue(now: number): number | null {
    // Deliveries in progress may be among the due ones, if the clock was set.
    for (const delivery of outbox.due(webhook.name, now, MAX_CONCURRENT + inProgress.size)) {
      if (inProgress.size >= MAX_CONCURRENT) return null;
      if (inProgress.has(delivery.id)) continue;
      const exhausted = failExhausted(delivery);
      if (exhausted) save(exhausted);
      else send(delivery);
    }
    if (inProgress.size >= MAX_CONCURRENT) return null;
    const next = outbox.nextAttemptAt(webhook.name);
    return next === null ? null : next - now;
  }

  /** The delivery as FAILED if it must not be sent again; null if it is to be sent. */
  function failExhausted(delivery: WebhookDelivery): WebhookDelivery | null {
    if (isGone) return failed(delivery, 'The receiver answered 410 Gone to an earlier delivery.');
    // The server ended during its last attempt.
    return delivery.attempts > retryWaitsMs.length
      ? failed(delivery, 'The server ended during the last attempt, so its result is unknown.')
      : null;
  }

  function send(delivery: WebhookDelivery): void {
    const attempts = delivery.attempts + 1;
    const waitMs = retryWaitsMs[delivery.attempts] ?? retryWaitsMs.at(-1) ?? 0;
    // Recorded first: a server that is killed now, or that cannot record the answer, does not repeat the attempt without limit.
    const sent = { ...delivery, attempts, nextAttemptAt: Date.now() + timeoutMs + waitMs };
    outbox.save(sent);
    const work = attempt(sent)
      .then((outcome) => {
        if (outcome.kind === 'ABORTED') {
          outbox.save({ ...delivery, nextAttemptAt: Date.now() });
          return;
        }
        const after = afterAttempt(sent, outcome, waitMs);
        // A user may have redelivered it meanwhile: then this earlier attempt counts only if it succeeded.
        const isRedelivered = outbox.get(delivery.id)?.attempts !== attempts;
        if (!isRedelivered || after.status === 'DELIVERED') save(after);
      })
      .catch((error: unknown) =>
        logger.error(
          { err: error, deliveryId: delivery.id },
          'cannot record the result of a webhook delivery; repeating it',
        ),
      )
      .finally(() => {
        inProgress.delete(delivery.id);
        wake();
      });
    inProgress.set(delivery.id, work);
  }

  async function attempt({ id, payload }: WebhookDelivery): Promise<PostOutcome> {
    const now = new Date();
    return post({
      url: webhook.url,
      headers: {
        'content-type': 'application/json',
        'user-agent': 'Trainyard',
        'webhook-id': id,
        'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
        'webhook-signature': signature.sign(id, now, payload),
      },
      body: payload,
      allowPrivateAddresses: webhook.allowPrivateAddresses,
      timeoutMs,
      signal: closing.signal,
    });
  }

  function afterAttempt(
    sent: WebhookDelivery,
    outcome: Exclude<PostOutcome, { kind: 'ABORTED' }>,
    waitMs: number,
  ): WebhookDelivery {
    switch (outcome.kind) {
      case 'REFUSED':
        return failed({ ...sent, lastStatusCode: null }, outcome.reason);
      case 'UNANSWERED':
        return retried({ ...sent, lastStatusCode: null }, outcome.reason, waitMs);
      case 'ANSWERED': {
        const { statusCode } = outcome;
        const answered = { ...sent, lastStatusCode: statusCode };
        if (statusCode >= 200 && statusCode < 300) {
          return { ...answered, status: 'DELIVERED', nextAttemptAt: null, lastError: null, deliveredAt: Date.now() };
        }
        if (statusCode === 410) {
          isGone = true;
          return failed(answered, 'The receiver answered 410 Gone: nothing is sent to it until the server restarts.');
        }
        const hint = statusCode >= 300 && statusCode < 400 ? ' Redirects are not followed.' : '';
        return retried(answered, `The receiver answered ${statusCode}.${hint}`, waitMs);
      }
      default:
        return outcome satisfies never;
    }
  }

  function retried(delivery: WebhookDelivery, lastError: string, waitMs: number): WebhookDelivery {
    if (delivery.attempts > retryWaitsMs.length) return failed(delivery, lastError);
    return { ...delivery, nextAttemptAt: Date.now() + waitMs, lastError };
  }

  function failed(delivery: WebhookDelivery, lastError: string): WebhookDelivery {
    return { ...delivery, status: 'FAILED', nextAttemptAt: null, lastError };
  }

  function save(delivery: WebhookDelivery): void {
    outbox.save(delivery);
    const { id: deliveryId, jobId, event, status, attempts, lastError } = delivery;
    const details = { webhook: webhook.name, deliveryId, jobId, event, attempts };
    if (status === 'DELIVERED') logger.debug(details, 'webhook delivered');
    else if (status === 'FAILED') logger.error({ ...details, reason: lastError }, 'webhook delivery failed');
    else if (lastError !== null)
      logger.warn({ ...details, reason: lastError }, 'webhook delivery failed; trying again');
  }

  return {
    webhook,
    get isGone() {
      return isGone;
    },
    wake,
    revive() {
      isGone = false;
      wake();
    },
    async close() {
      clearTimeout(timer);
      closing.abort();
      await Promise.all(inProgress.values());
    },
  };
}
