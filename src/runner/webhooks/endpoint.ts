import { Webhook as Signature } from 'standardwebhooks';
import type { Logger } from '../logger.ts';
import type { Outbox } from './outbox.ts';
import { post, type PostOutcome } from './post.ts';
import type { Webhook, WebhookDelivery } from './webhook.ts';

/** Sends to one webhook whatever is due. Each has its own, so that one that hangs holds up no other. */
export interface Endpoint {
  readonly webhook: Webhook;
  /** Whether the receiver has answered 410 Gone. */
  readonly isGone: boolean;
  /** Looks now for what is due. */
  wake(): void;
  /** Sends to it again although it was gone. */
  revive(): void;
  /** Takes back what is under way: the next server sends it. */
  close(): Promise<void>;
}

export interface EndpointSettings {
  readonly webhook: Webhook;
  readonly outbox: Outbox;
  /** How long to wait after each failed attempt, ms; after one more it is given up. */
  readonly retryWaitsMs: readonly number[];
  /** How long one attempt may take, ms. */
  readonly timeoutMs: number;
  readonly logger: Logger;
}

const MOST_AT_ONCE = 4;
/** Attempts are due by the clock, which may be stepped: it is looked at this often at least while something waits, ms. */
const LONGEST_WAIT_MS = 60_000;
const SHORTEST_WAIT_MS = 10;
/** When the outbox itself cannot be read or written, ms. */
const TROUBLE_WAIT_MS = 5_000;

export function createEndpoint({ webhook, outbox, retryWaitsMs, timeoutMs, logger }: EndpointSettings): Endpoint {
  const signature = new Signature(webhook.secret);
  const closing = new AbortController();
  const underWay = new Map<string, Promise<void>>();
  let timer: NodeJS.Timeout | undefined;
  let isGone = false;

  function wake(): void {
    clearTimeout(timer);
    if (closing.signal.aborted) return;
    try {
      wakeIn(sendDue(Date.now()));
    } catch (error) {
      logger.error({ err: error, webhook: webhook.name }, 'cannot read or write what is to be sent; trying again');
      wakeIn(TROUBLE_WAIT_MS);
    }
  }

  function wakeIn(waitMs: number | null): void {
    clearTimeout(timer);
    if (waitMs === null || closing.signal.aborted) return;
    timer = setTimeout(wake, Math.min(Math.max(waitMs, SHORTEST_WAIT_MS), LONGEST_WAIT_MS)).unref();
  }

  /** @returns how long until the next is due, ms; null when none waits for a time, but perhaps for another to be done */
  function sendDue(now: number): number | null {
    // Those under way may be among the due, when the clock was stepped since.
    for (const delivery of outbox.due(webhook.name, now, MOST_AT_ONCE + underWay.size)) {
      if (underWay.size >= MOST_AT_ONCE) return null;
      if (underWay.has(delivery.id)) continue;
      const given = giveUp(delivery);
      if (given) save(given);
      else send(delivery);
    }
    if (underWay.size >= MOST_AT_ONCE) return null;
    const next = outbox.nextAttemptAt(webhook.name);
    return next === null ? null : next - now;
  }

  /** What is due, but not to be sent any more. */
  function giveUp(delivery: WebhookDelivery): WebhookDelivery | null {
    if (isGone) return failed(delivery, 'The receiver has answered 410 Gone before.');
    // Its last attempt was cut off together with the server.
    return delivery.attempts > retryWaitsMs.length ? failed(delivery, 'The last attempt had no known end.') : null;
  }

  function send(delivery: WebhookDelivery): void {
    const attempts = delivery.attempts + 1;
    const waitMs = retryWaitsMs[delivery.attempts] ?? retryWaitsMs.at(-1) ?? 0;
    // Recorded first: a server that is killed now, or cannot record the answer, does not send it again and again.
    const sent = { ...delivery, attempts, nextAttemptAt: Date.now() + timeoutMs + waitMs };
    outbox.save(sent);
    const work = attempt(sent)
      .then((outcome) => {
        if (outcome.kind === 'ABORTED') {
          outbox.save({ ...delivery, nextAttemptAt: Date.now() });
          return;
        }
        const after = afterAttempt(sent, outcome, waitMs);
        // Somebody had it sent again meanwhile: then the attempt from before that counts only if it arrived.
        const isOvertaken = outbox.get(delivery.id)?.attempts !== attempts;
        if (!isOvertaken || after.status === 'DELIVERED') save(after);
      })
      .catch((error: unknown) =>
        logger.error(
          { err: error, deliveryId: delivery.id },
          'cannot record what became of a delivery; it is repeated',
        ),
      )
      .finally(() => {
        underWay.delete(delivery.id);
        wake();
      });
    underWay.set(delivery.id, work);
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
        return triedAgain({ ...sent, lastStatusCode: null }, outcome.reason, waitMs);
      case 'ANSWERED': {
        const { statusCode } = outcome;
        const answered = { ...sent, lastStatusCode: statusCode };
        if (statusCode >= 200 && statusCode < 300) {
          return { ...answered, status: 'DELIVERED', nextAttemptAt: null, lastError: null, deliveredAt: Date.now() };
        }
        if (statusCode === 410) {
          isGone = true;
          return failed(
            answered,
            'The receiver answered 410 Gone: nothing is sent to it until the server is started again.',
          );
        }
        const hint = statusCode >= 300 && statusCode < 400 ? ' Redirects are not followed.' : '';
        return triedAgain(answered, `The receiver answered ${statusCode}.${hint}`, waitMs);
      }
      default:
        return outcome satisfies never;
    }
  }

  function triedAgain(delivery: WebhookDelivery, lastError: string, waitMs: number): WebhookDelivery {
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
    else if (status === 'FAILED')
      logger.error({ ...details, reason: lastError }, 'webhook not delivered, and given up');
    else if (lastError !== null) logger.warn({ ...details, reason: lastError }, 'webhook not delivered; trying again');
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
      await Promise.all(underWay.values());
    },
  };
}
