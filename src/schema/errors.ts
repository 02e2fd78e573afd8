import {
  AlreadyEndedError,
  DatasetInUseError,
  DatasetNotFoundError,
  IdempotencyConflictError,
  InvalidInputError,
  JobNotEndedError,
  JobNotFoundError,
  JobNotWaitingError,
  ModelUnavailableError,
  PredictionFailedError,
  QueueFullError,
  TooManyPredictionsError,
  TrainerUnavailableError,
  WebhookDeliveryNotFoundError,
  WebhookNotSetError,
} from '../runner/index.ts';
import { builder } from './builder.ts';
import { JobStatusEnum } from './job-enums.ts';

/** Interface of all expected failures. Only the types below implement it, so unexpected errors never reach a client this way. */
const ErrorInterface = builder.interfaceRef<Error>('Error').implement({
  description: 'An expected failure that clients should handle. Unexpected failures are reported in `errors` instead.',
  fields: (t) => ({
    message: t.exposeString('message', {
      description: 'Human-readable message that says what happened and what to do.',
    }),
  }),
});

builder.objectType(InvalidInputError, {
  name: 'InvalidInputError',
  description: 'Invalid input.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    path: t.stringList({
      description: 'Path in the arguments, for example `["input", "options", "hidden"]`.',
      resolve: ({ inputPath }) => [...inputPath],
    }),
  }),
});

builder.objectType(JobNotFoundError, {
  name: 'JobNotFoundError',
  description: 'No job has this id.',
  interfaces: [ErrorInterface],
  fields: (t) => ({ jobId: t.exposeID('jobId', { description: 'Requested id.' }) }),
});

builder.objectType(DatasetNotFoundError, {
  name: 'DatasetNotFoundError',
  description: 'No file in the datasets folder has this name.',
  interfaces: [ErrorInterface],
  fields: (t) => ({ dataset: t.exposeString('dataset', { description: 'Requested name.' }) }),
});

builder.objectType(DatasetInUseError, {
  name: 'DatasetInUseError',
  description: 'Jobs that have not ended, or wait for a retry, need the dataset.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    dataset: t.exposeString('dataset', { description: 'Requested name.' }),
    jobIds: t.idList({
      description: 'Ids of the jobs, at most the first 100.',
      resolve: ({ jobIds }) => [...jobIds],
    }),
  }),
});

builder.objectType(TrainerUnavailableError, {
  name: 'TrainerUnavailableError',
  description: 'The trainer cannot run as requested on this server, for example because PyTorch is not installed.',
  interfaces: [ErrorInterface],
  fields: (t) => ({ trainer: t.exposeString('trainer', { description: 'Requested trainer.' }) }),
});

builder.objectType(ModelUnavailableError, {
  name: 'ModelUnavailableError',
  description:
    'The job has no model that can predict rows: it was trained by another trainer, is a simulation, has not saved a model yet, or its file was deleted or damaged.',
  interfaces: [ErrorInterface],
  fields: (t) => ({ jobId: t.exposeID('jobId', { description: 'Id of the job.' }) }),
});

builder.objectType(TooManyPredictionsError, {
  name: 'TooManyPredictionsError',
  description: 'The server is busy with other predictions. Try again in a few seconds.',
  interfaces: [ErrorInterface],
});

builder.objectType(PredictionFailedError, {
  name: 'PredictionFailedError',
  description: 'The prediction took too much time or memory, or its process ended.',
  interfaces: [ErrorInterface],
});

builder.objectType(QueueFullError, {
  name: 'QueueFullError',
  description: 'The queue is full.',
  interfaces: [ErrorInterface],
  fields: (t) => ({ limit: t.exposeInt('limit', { description: 'Maximum number of waiting jobs.' }) }),
});

builder.objectType(IdempotencyConflictError, {
  name: 'IdempotencyConflictError',
  description: 'The idempotency key was already used with a different input.',
  interfaces: [ErrorInterface],
  fields: (t) => ({ jobId: t.exposeID('jobId', { description: 'Id of the job that was started with this key.' }) }),
});

builder.objectType(JobNotEndedError, {
  name: 'JobNotEndedError',
  description: 'The job has not ended, so it cannot be resumed.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    jobId: t.exposeID('jobId', { description: 'Id of the job.' }),
    status: t.expose('status', { type: JobStatusEnum, description: 'Status of the job.' }),
  }),
});

builder.objectType(JobNotWaitingError, {
  name: 'JobNotWaitingError',
  description: 'The job does not wait in the queue, so it cannot be moved there.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    jobId: t.exposeID('jobId', { description: 'Id of the job.' }),
    status: t.expose('status', { type: JobStatusEnum, description: 'Status of the job.' }),
  }),
});

builder.objectType(AlreadyEndedError, {
  name: 'AlreadyEndedError',
  description: 'The job ended before it could be stopped.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    jobId: t.exposeID('jobId', { description: 'Id of the job.' }),
    status: t.expose('status', { type: JobStatusEnum, description: 'Final status of the job.' }),
  }),
});

builder.objectType(WebhookDeliveryNotFoundError, {
  name: 'WebhookDeliveryNotFoundError',
  description: 'No delivery has this id; it may have been deleted.',
  interfaces: [ErrorInterface],
  fields: (t) => ({ deliveryId: t.exposeID('deliveryId', { description: 'Requested id.' }) }),
});

builder.objectType(WebhookNotSetError, {
  name: 'WebhookNotSetError',
  description: 'The webhook is not in the webhooks file any more.',
  interfaces: [ErrorInterface],
  fields: (t) => ({ webhook: t.exposeString('webhook', { description: 'Name of the webhook.' }) }),
});
