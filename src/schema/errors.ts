import {
  AlreadyEndedError,
  DatasetNotFoundError,
  IdempotencyConflictError,
  InvalidInputError,
  JobNotEndedError,
  JobNotFoundError,
  QueueFullError,
  TrainerUnavailableError,
  WebhookDeliveryNotFoundError,
  WebhookNotSetError,
} from '../runner/index.ts';
import { builder } from './builder.ts';
import { JobStatusEnum } from './job-enums.ts';

/** What all expected failures have in common. Only the types below implement it: nothing unexpected gets out this way. */
const ErrorInterface = builder.interfaceRef<Error>('Error').implement({
  description:
    'A failure that callers should expect and handle. Everything unexpected is reported in `errors` instead.',
  fields: (t) => ({
    message: t.exposeString('message', { description: 'A sentence for people, which says what to do.' }),
  }),
});

builder.objectType(InvalidInputError, {
  name: 'InvalidInputError',
  description: 'Something in the input is wrong.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    path: t.stringList({
      description: 'Where in the arguments, for example `["input", "options", "hidden"]`.',
      resolve: ({ inputPath }) => [...inputPath],
    }),
  }),
});

builder.objectType(JobNotFoundError, {
  name: 'JobNotFoundError',
  description: 'No job has this id.',
  interfaces: [ErrorInterface],
  fields: (t) => ({ jobId: t.exposeID('jobId', { description: 'The id that was asked for.' }) }),
});

builder.objectType(DatasetNotFoundError, {
  name: 'DatasetNotFoundError',
  description: 'There is no such file in the datasets folder.',
  interfaces: [ErrorInterface],
  fields: (t) => ({ dataset: t.exposeString('dataset', { description: 'The name that was asked for.' }) }),
});

builder.objectType(TrainerUnavailableError, {
  name: 'TrainerUnavailableError',
  description: 'The trainer cannot run here as asked, for example because PyTorch is not installed.',
  interfaces: [ErrorInterface],
  fields: (t) => ({ trainer: t.exposeString('trainer', { description: 'The trainer that was asked for.' }) }),
});

builder.objectType(QueueFullError, {
  name: 'QueueFullError',
  description: 'Too many jobs are waiting already.',
  interfaces: [ErrorInterface],
  fields: (t) => ({ limit: t.exposeInt('limit', { description: 'How many jobs may wait.' }) }),
});

builder.objectType(IdempotencyConflictError, {
  name: 'IdempotencyConflictError',
  description: 'The idempotency key was used before, with another input.',
  interfaces: [ErrorInterface],
  fields: (t) => ({ jobId: t.exposeID('jobId', { description: 'The job that was started with this key.' }) }),
});

builder.objectType(JobNotEndedError, {
  name: 'JobNotEndedError',
  description: 'The job still waits or runs, so there is nothing to resume.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    jobId: t.exposeID('jobId', { description: 'The job.' }),
    status: t.expose('status', { type: JobStatusEnum, description: 'Where it is in its life.' }),
  }),
});

builder.objectType(AlreadyEndedError, {
  name: 'AlreadyEndedError',
  description: 'The job had ended by itself before it could be stopped.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    jobId: t.exposeID('jobId', { description: 'The job.' }),
    status: t.expose('status', { type: JobStatusEnum, description: 'How it ended.' }),
  }),
});

builder.objectType(WebhookDeliveryNotFoundError, {
  name: 'WebhookDeliveryNotFoundError',
  description: 'No delivery has this id, or none any more.',
  interfaces: [ErrorInterface],
  fields: (t) => ({ deliveryId: t.exposeID('deliveryId', { description: 'The id that was asked for.' }) }),
});

builder.objectType(WebhookNotSetError, {
  name: 'WebhookNotSetError',
  description: 'The webhook is no longer in the webhooks file.',
  interfaces: [ErrorInterface],
  fields: (t) => ({ webhook: t.exposeString('webhook', { description: 'The name of the webhook.' }) }),
});
