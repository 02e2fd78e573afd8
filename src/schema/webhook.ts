import { findJob } from '../resolvers/find-job.ts';
import { listWebhooks } from '../resolvers/list-webhooks.ts';
import type { DeliveryStatus, WebhookDelivery, WebhookDescription, WebhookEvent } from '../runner/index.ts';
import { builder } from './builder.ts';
import { JobRef } from './job.ts';

export const WebhookEventEnum = builder.enumType('WebhookEvent', {
  description: 'What a webhook can be told of.',
  values: {
    JOB_COMPLETED: { value: 'job.completed', description: '`job.completed`: a job trained to the end.' },
    JOB_STOPPED: { value: 'job.stopped', description: '`job.stopped`: a job was stopped.' },
    JOB_FAILED: {
      value: 'job.failed',
      description: '`job.failed`: a job failed, and will not be started again by itself.',
    },
    JOB_RETRYING: {
      value: 'job.retrying',
      description: '`job.retrying`: a job failed, and will be started again by itself at its `retryAt`.',
    },
    JOB_STALLED: {
      value: 'job.stalled',
      description: '`job.stalled`: a job whose process lives has not reported for a while.',
    },
  } as const satisfies Record<string, { value: WebhookEvent; description: string }>,
});

export const DeliveryStatusEnum = builder.enumType('WebhookDeliveryStatus', {
  description: 'What became of a delivery.',
  values: {
    PENDING: { description: 'It is to be sent, perhaps again.' },
    DELIVERED: { description: 'The receiver answered with a 2xx status.' },
    FAILED: { description: 'It was given up; `lastError` says why.' },
  } as const satisfies Record<DeliveryStatus, object>,
});

const WebhookRef = builder.objectRef<WebhookDescription>('Webhook').implement({
  description: 'Somebody who is told of what happens to jobs, as the webhooks file of this server says.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'What it is called in the file.' }),
    origin: t.exposeString('origin', {
      description:
        'Where it is, for example `https://chat.example`. The rest of its address is not shown: it may hold a token.',
    }),
    events: t.field({
      type: [WebhookEventEnum],
      description: 'What it is told of.',
      resolve: ({ events }) => [...events],
    }),
    gone: t.exposeBoolean('gone', {
      description:
        'True once it has answered 410 Gone: nothing is sent to it until the server is started again or a delivery is sent again by hand.',
    }),
  }),
});

export const WebhookDeliveryRef = builder.objectRef<WebhookDelivery>('WebhookDelivery').implement({
  description: 'What one webhook is told of one event. It is kept for 30 days, and deleted with its job.',
  fields: (t) => ({
    id: t.exposeID('id', {
      description: 'The header `webhook-id` of every attempt: receivers know repetitions by it.',
    }),
    webhook: t.exposeString('webhook', { description: 'The name of the webhook.' }),
    event: t.expose('event', { type: WebhookEventEnum, description: 'What it tells of.' }),
    jobId: t.exposeID('jobId', { description: 'The id of the job.' }),
    job: t.field({
      type: JobRef,
      nullable: true,
      description: 'The job as it is now; null while it is being deleted.',
      resolve: ({ jobId }, _args, context) => findJob(context, jobId),
    }),
    status: t.expose('status', { type: DeliveryStatusEnum, description: 'What became of it.' }),
    attempts: t.exposeInt('attempts', { description: 'How often it was sent, an attempt under way included.' }),
    createdAt: t.expose('at', { type: 'DateTime', description: 'When the event happened.' }),
    nextAttemptAt: t.expose('nextAttemptAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it is sent next; null when it is not any more.',
    }),
    lastStatusCode: t.exposeInt('lastStatusCode', {
      nullable: true,
      description: 'The HTTP status that the receiver answered last; null when there was no answer.',
    }),
    lastError: t.exposeString('lastError', {
      nullable: true,
      description: 'What went wrong last; null when nothing did.',
    }),
    deliveredAt: t.expose('deliveredAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was answered with a 2xx status; null when it is not delivered.',
    }),
  }),
});

builder.queryField('webhooks', (t) =>
  t.field({
    type: [WebhookRef],
    description: 'Who is told of what happens to jobs.',
    resolve: (_root, _args, context) => [...listWebhooks(context)],
  }),
);
