import { findJob } from '../resolvers/find-job.ts';
import { listWebhooks } from '../resolvers/list-webhooks.ts';
import type { DeliveryStatus, WebhookDelivery, WebhookDescription, WebhookEvent } from '../runner/index.ts';
import { builder } from './builder.ts';
import { JobRef } from './job.ts';

export const WebhookEventEnum = builder.enumType('WebhookEvent', {
  description: 'Event that a webhook can subscribe to.',
  values: {
    JOB_COMPLETED: { value: 'job.completed', description: '`job.completed`: the training of a job finished.' },
    JOB_STOPPED: { value: 'job.stopped', description: '`job.stopped`: a job was stopped.' },
    JOB_FAILED: {
      value: 'job.failed',
      description: '`job.failed`: a job failed, and no automatic retry follows.',
    },
    JOB_RETRYING: {
      value: 'job.retrying',
      description: '`job.retrying`: a job failed, and an automatic retry follows at its `retryAt`.',
    },
    JOB_STALLED: {
      value: 'job.stalled',
      description: '`job.stalled`: the process of a job is alive but has not reported for some time.',
    },
  } as const satisfies Record<string, { value: WebhookEvent; description: string }>,
});

export const DeliveryStatusEnum = builder.enumType('WebhookDeliveryStatus', {
  description: 'Status of a delivery.',
  values: {
    PENDING: { description: 'Waiting to be sent for the first time or again.' },
    DELIVERED: { description: 'Delivered: the receiver answered with a 2xx status.' },
    FAILED: { description: 'Failed permanently; `lastError` gives the reason.' },
  } as const satisfies Record<DeliveryStatus, object>,
});

const WebhookRef = builder.objectRef<WebhookDescription>('Webhook').implement({
  description: 'Configured webhook endpoint, from the webhooks file of this server.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Name in the webhooks file.' }),
    origin: t.exposeString('origin', {
      description:
        'Origin of the URL, for example `https://chat.example`. The rest of the URL is hidden because it may contain a token.',
    }),
    events: t.field({
      type: [WebhookEventEnum],
      description: 'Events that are sent to this webhook.',
      resolve: ({ events }) => [...events],
    }),
    gone: t.exposeBoolean('gone', {
      description:
        'True after the endpoint answered 410 Gone: nothing is sent to it until the server restarts or a delivery is resent manually.',
    }),
  }),
});

export const WebhookDeliveryRef = builder.objectRef<WebhookDelivery>('WebhookDelivery').implement({
  description: 'Delivery of one event to one webhook. Kept for 30 days, and deleted with its job.',
  fields: (t) => ({
    id: t.exposeID('id', {
      description:
        'Id of the delivery, sent as the header `webhook-id` of every attempt so that receivers can detect duplicates.',
    }),
    webhook: t.exposeString('webhook', { description: 'Name of the webhook.' }),
    event: t.expose('event', { type: WebhookEventEnum, description: 'Event that is delivered.' }),
    jobId: t.exposeID('jobId', { description: 'Id of the job.' }),
    job: t.field({
      type: JobRef,
      nullable: true,
      description: 'Current state of the job; null while it is being deleted.',
      resolve: ({ jobId }, _args, context) => findJob(context, jobId),
    }),
    status: t.expose('status', { type: DeliveryStatusEnum, description: 'Status of the delivery.' }),
    attempts: t.exposeInt('attempts', { description: 'Number of attempts, including one in progress.' }),
    createdAt: t.expose('at', { type: 'DateTime', description: 'Time of the event.' }),
    nextAttemptAt: t.expose('nextAttemptAt', {
      type: 'DateTime',
      nullable: true,
      description: 'Time of the next attempt; null if there is none.',
    }),
    lastStatusCode: t.exposeInt('lastStatusCode', {
      nullable: true,
      description: 'HTTP status of the last attempt; null if there was no answer.',
    }),
    lastError: t.exposeString('lastError', {
      nullable: true,
      description: 'Error of the last attempt; null if there was none.',
    }),
    deliveredAt: t.expose('deliveredAt', {
      type: 'DateTime',
      nullable: true,
      description: 'Time when the receiver answered with a 2xx status; null if not delivered.',
    }),
  }),
});

builder.queryField('webhooks', (t) =>
  t.field({
    type: [WebhookRef],
    description: 'All configured webhook endpoints.',
    resolve: (_root, _args, context) => [...listWebhooks(context)],
  }),
);
