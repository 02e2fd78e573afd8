import type { JobFilter } from '../store/job-query.ts';

/** The events that a webhook can subscribe to. The first three end a job; see docs/webhooks.md. */
export const WEBHOOK_EVENTS = ['job.completed', 'job.stopped', 'job.failed', 'job.retrying', 'job.stalled'] as const;
export type WebhookEvent = (typeof WEBHOOK_EVENTS)[number];

/** A configured webhook: one entry of `TRAINYARD_WEBHOOKS_FILE`. */
export interface Webhook {
  /** Unique among all webhooks; used by the API and the log. */
  readonly name: string;
  /** The URL to post to. It may contain a token, so only its origin is ever shown. */
  readonly url: string;
  /** `whsec_` followed by 24 to 64 bytes in Base64; never shown. */
  readonly secret: string;
  readonly events: readonly WebhookEvent[];
  /** Only events of jobs that match; null for all jobs. */
  readonly filter: Pick<JobFilter, 'tags' | 'allTags' | 'trainer' | 'dataset' | 'name'> | null;
  /** Whether addresses that are not on the public internet, and plain http, are allowed. */
  readonly allowPrivateAddresses: boolean;
  /** URL of a page about a job, for the payload; `{jobId}` stands for its id. Null for none. */
  readonly link: string | null;
}

/** The public part of a webhook, without secrets. */
export interface WebhookDescription {
  readonly name: string;
  /** For example `https://chat.example`: the URL without its path, which may contain a token. */
  readonly origin: string;
  readonly events: readonly WebhookEvent[];
  /** True once it has answered 410 Gone: nothing is sent to it until the server restarts. */
  readonly gone: boolean;
}

/** A message about one event for one webhook. */
export interface WebhookMessage {
  /** The header `webhook-id`: the same in every attempt for the same event and webhook. */
  readonly id: string;
  readonly webhook: string;
  readonly event: WebhookEvent;
  readonly jobId: string;
  /** The body, JSON. */
  readonly payload: string;
  /** Time of the event, Unix ms. */
  readonly at: number;
}

export const DELIVERY_STATUSES = ['PENDING', 'DELIVERED', 'FAILED'] as const;
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

/** The delivery of a message: pending, delivered or failed. */
export interface WebhookDelivery extends WebhookMessage {
  /** Increases in the order in which deliveries are recorded. */
  readonly number: number;
  readonly status: DeliveryStatus;
  /** Number of attempts, including one in progress. */
  readonly attempts: number;
  /** Time of the next attempt, Unix ms; null if there is none. */
  readonly nextAttemptAt: number | null;
  /** HTTP status of the last answer; null if there was none. */
  readonly lastStatusCode: number | null;
  /** The last error, as a sentence; null if there was none. */
  readonly lastError: string | null;
  /** Unix ms; null if it is not delivered. */
  readonly deliveredAt: number | null;
}

/** Selects deliveries that meet every given condition. */
export interface DeliveryFilter {
  readonly status?: readonly DeliveryStatus[] | null | undefined;
  readonly jobId?: string | null | undefined;
  /** The name of a webhook. */
  readonly webhook?: string | null | undefined;
  readonly event?: readonly WebhookEvent[] | null | undefined;
}

/** A page of deliveries, the newest first. */
export interface DeliveryQuery {
  readonly filter?: DeliveryFilter | null | undefined;
  /** Only deliveries older than the one with this number. */
  readonly after?: number | null | undefined;
  /** Only deliveries newer than the one with this number. */
  readonly before?: number | null | undefined;
  readonly limit: number;
  /** True takes the page from the end of the range instead of its start; the order stays the same. */
  readonly fromEnd?: boolean | undefined;
}
