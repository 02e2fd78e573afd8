import type { JobFilter } from '../store/job-query.ts';

/** What a webhook can be told of. An end is one of the first three; see docs/webhooks.md. */
export const WEBHOOK_EVENTS = ['job.completed', 'job.stopped', 'job.failed', 'job.retrying', 'job.stalled'] as const;
export type WebhookEvent = (typeof WEBHOOK_EVENTS)[number];

/** Somebody who wants to be told: one entry of `TRAINYARD_WEBHOOKS_FILE`. */
export interface Webhook {
  /** Unique among all webhooks; what the API and the log call it. */
  readonly name: string;
  /** Where to post. May hold a token, so only its origin is ever shown. */
  readonly url: string;
  /** `whsec_` and 24 to 64 bytes in Base64; never shown. */
  readonly secret: string;
  readonly events: readonly WebhookEvent[];
  /** Only about jobs that match; null for all. */
  readonly filter: Pick<JobFilter, 'tags' | 'allTags' | 'trainer' | 'dataset' | 'name'> | null;
  /** Whether it may be at an address that is not on the public internet, and reached by plain http. */
  readonly allowPrivateAddresses: boolean;
  /** A page about a job for the payload, `{jobId}` standing for its id; null for none. */
  readonly link: string | null;
}

/** What anybody may know of a webhook. */
export interface WebhookDescription {
  readonly name: string;
  /** For example `https://chat.example`: the URL without its path, which may hold a token. */
  readonly origin: string;
  readonly events: readonly WebhookEvent[];
  /** True once it has answered 410 Gone: nothing is sent to it until the server is started again. */
  readonly gone: boolean;
}

/** What is told to one webhook of one event, before it is recorded. */
export interface Notice {
  /** The header `webhook-id`: the same for the same event and webhook, however often it is sent. */
  readonly id: string;
  readonly webhook: string;
  readonly event: WebhookEvent;
  readonly jobId: string;
  /** The body, JSON. */
  readonly payload: string;
  /** When it happened, Unix ms. */
  readonly at: number;
}

export const DELIVERY_STATUSES = ['PENDING', 'DELIVERED', 'FAILED'] as const;
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

/** A notice on its way to its webhook, or there, or given up. */
export interface WebhookDelivery extends Notice {
  /** Rises in the order in which deliveries are recorded. */
  readonly number: number;
  readonly status: DeliveryStatus;
  /** How often it was sent, the attempt under way included. */
  readonly attempts: number;
  /** When it is sent next, Unix ms; null when it is not. */
  readonly nextAttemptAt: number | null;
  /** What the receiver answered last; null when it never did. */
  readonly lastStatusCode: number | null;
  /** What went wrong last, as a sentence; null when nothing did. */
  readonly lastError: string | null;
  /** Unix ms; null when it is not delivered. */
  readonly deliveredAt: number | null;
}

/** Which deliveries; every condition given must hold. */
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
  /** Only older ones than that with this number. */
  readonly after?: number | null | undefined;
  /** Only newer ones than that with this number. */
  readonly before?: number | null | undefined;
  readonly limit: number;
  /** True takes the page from the end of the range instead of its beginning (the order stays). */
  readonly fromEnd?: boolean | undefined;
}
