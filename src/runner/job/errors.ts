import type { JobStatus } from './status.ts';
import { quote, shorten } from './shorten.ts';

/** Maximum characters of the message of an expected error. */
const MAX_MESSAGE = 2000;
/** Maximum characters of an id, a name or a key from the input that an error repeats; file names have up to 255. */
const MAX_ECHO = 256;
/** Maximum number of job ids in an error. */
const MAX_JOBS = 100;

/**
 * A failure that callers are expected to handle. Its message may be shown to any client. Every other error is a bug, and is masked.
 */
export abstract class ExpectedError extends Error {
  /** For example `JOB_NOT_FOUND`; becomes `extensions.code` where GraphQL reports it as an error. */
  abstract readonly code: string;

  constructor(message: string, options?: ErrorOptions) {
    super(shorten(message, MAX_MESSAGE), options);
    this.name = new.target.name;
  }
}

/** A part of the input is invalid; `inputPath` leads to it, for example `['input', 'options', 'hidden']`. */
export class InvalidInputError extends ExpectedError {
  readonly code = 'INVALID_INPUT';
  /** Not named `path`: graphql would treat the error as already located. */
  readonly inputPath: readonly string[];
  constructor(message: string, inputPath: readonly string[]) {
    super(message);
    this.inputPath = inputPath.map((key) => shorten(key, MAX_ECHO));
  }
}

/** No job has this id. */
export class JobNotFoundError extends ExpectedError {
  readonly code = 'JOB_NOT_FOUND';
  readonly jobId: string;
  constructor(jobId: string) {
    super(`There is no job ${quote(jobId)}.`);
    this.jobId = shorten(jobId, MAX_ECHO);
  }
}

/** No such file under `datasets/`. */
export class DatasetNotFoundError extends ExpectedError {
  readonly code = 'DATASET_NOT_FOUND';
  readonly dataset: string;
  constructor(dataset: string) {
    super(`There is no dataset ${quote(dataset, MAX_ECHO)} in the datasets folder.`);
    this.dataset = shorten(dataset, MAX_ECHO);
  }
}

/** A dataset of this name already exists. */
export class DatasetExistsError extends ExpectedError {
  readonly code = 'DATASET_EXISTS';
  readonly dataset: string;
  constructor(dataset: string) {
    super(`A dataset ${quote(dataset, MAX_ECHO)} already exists. Use another name, or ask to replace it.`);
    this.dataset = shorten(dataset, MAX_ECHO);
  }
}

/** Jobs that have not ended, or wait for a retry, need the dataset. */
export class DatasetInUseError extends ExpectedError {
  readonly code = 'DATASET_IN_USE';
  readonly dataset: string;
  readonly jobIds: readonly string[];
  constructor(dataset: string, jobIds: readonly string[]) {
    const [first = ''] = jobIds;
    const others = jobIds.length > 1 ? ` and ${jobIds.length - 1} more` : '';
    super(
      `The dataset ${quote(dataset, MAX_ECHO)} cannot be deleted: the job ${first}${others} uses it. Stop the job or wait for its end, then try again.`,
    );
    this.dataset = shorten(dataset, MAX_ECHO);
    this.jobIds = jobIds.slice(0, MAX_JOBS);
  }
}

/** Reading the file took more time or memory than a preview may take. It is not read again until it changes. */
export class DatasetTooCostlyError extends ExpectedError {
  readonly code = 'DATASET_TOO_COSTLY';
}

/** A file is not a table. If an option of the training can correct it, `option` names it, and the message says to what to set it. */
export class UnreadableDatasetError extends ExpectedError {
  readonly code = 'DATASET_UNREADABLE';
  readonly option: 'encoding' | 'header' | null;

  constructor(message: string, option: 'encoding' | 'header' | null) {
    super(message);
    this.option = option;
  }
}

/** Too many previews are waiting, or this one has waited too long. */
export class TooManyPreviewsError extends ExpectedError {
  readonly code = 'TOO_MANY_PREVIEWS';
  constructor() {
    super('Too many previews are waiting. Try again in a few seconds.');
  }
}

/** An upload is larger than `TRAINYARD_MAX_UPLOAD_BYTES`. */
export class DatasetTooLargeError extends ExpectedError {
  readonly code = 'DATASET_TOO_LARGE';
  readonly limit: number;
  constructor(limit: number) {
    super(
      `A dataset must have at most ${limit} bytes. Upload less, compress it with gzip, or raise TRAINYARD_MAX_UPLOAD_BYTES.`,
    );
    this.limit = limit;
  }
}

/** There is not enough disk space for an upload; nothing of it was stored. */
export class NoSpaceError extends ExpectedError {
  readonly code = 'NO_SPACE';
  constructor(options?: ErrorOptions) {
    super('The disk of the server is full. Nothing of this file was stored.', options);
  }
}

/** Ways to make space, for errors of quotas. Waiting does not help with these. */
const DELETE_JOBS = 'delete jobs that have ended (deleteJobs, or `trainyard delete`)';
const FREE_SPACE = `${DELETE_JOBS}, or ask an administrator to remove files from the datasets folder`;

/** The disk has less free space than the server leaves free (`TRAINYARD_MIN_FREE_BYTES`). */
export class DiskFullError extends ExpectedError {
  readonly code = 'DISK_FULL';
  constructor(minFreeBytes: number) {
    super(
      `The disk of the server has less than ${minFreeBytes} bytes free (TRAINYARD_MIN_FREE_BYTES). To make space, ${FREE_SPACE}.`,
    );
  }
}

/** The datasets, models and artifacts of one user, or of all, are too large (`TRAINYARD_MAX_STORED_BYTES`). */
export class StorageQuotaError extends ExpectedError {
  readonly code = 'STORAGE_QUOTA';
  constructor(whose: 'USER' | 'SERVER', storedBytes: number, limit: number) {
    const what = whose === 'USER' ? 'Your jobs and uploads take' : 'The server stores';
    super(
      `${what} ${storedBytes} bytes; the maximum is ${limit} (TRAINYARD_MAX_STORED_BYTES). To make space, ${FREE_SPACE}.`,
    );
  }
}

/** One user, or the server, keeps too many jobs (`TRAINYARD_MAX_JOBS`). */
export class TooManyJobsError extends ExpectedError {
  readonly code = 'TOO_MANY_JOBS';
  constructor(whose: 'USER' | 'SERVER', limit: number) {
    const who = whose === 'USER' ? 'You already keep' : 'The server already keeps';
    super(`${who} the maximum of ${limit} jobs (TRAINYARD_MAX_JOBS). To start more, ${DELETE_JOBS}.`);
  }
}

/** More was requested in a minute than one user, or all together, may request. */
export class RateLimitedError extends ExpectedError {
  readonly code = 'RATE_LIMITED';
  readonly retryAfterSeconds: number;
  /** @param what a plural, for example `uploads` */
  constructor(what: string, retryAfterSeconds: number) {
    const unit = retryAfterSeconds === 1 ? 'second' : 'seconds';
    super(`Too many ${what} within a minute. Try again in ${retryAfterSeconds} ${unit}.`);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** The trainer exists but cannot run here as requested, for example because PyTorch is missing. */
export class TrainerUnavailableError extends ExpectedError {
  readonly code = 'TRAINER_UNAVAILABLE';
  readonly trainer: string;
  constructor(trainer: string, message: string) {
    super(message);
    this.trainer = trainer;
  }
}

/** A job has no model that can predict, or its file cannot be used. */
export class ModelUnavailableError extends ExpectedError {
  readonly code = 'MODEL_UNAVAILABLE';
  readonly jobId: string;
  constructor(jobId: string, message: string) {
    super(message);
    this.jobId = jobId;
  }
}

/** Too many predictions are waiting, or this one has waited too long. */
export class TooManyPredictionsError extends ExpectedError {
  readonly code = 'TOO_MANY_PREDICTIONS';
  constructor() {
    super('Too many predictions are waiting. Try again in a few seconds, or start a prediction job for a dataset.');
  }
}

/** Too many exports of models are waiting, or this one has waited too long. */
export class TooManyExportsError extends ExpectedError {
  readonly code = 'TOO_MANY_EXPORTS';
  constructor() {
    super('Too many exports of models are waiting. Try again in a minute.');
  }
}

/** A prediction took too much time or memory, or its process ended. */
export class PredictionFailedError extends ExpectedError {
  readonly code = 'PREDICTION_FAILED';
}

/** The job has ended, so there is nothing to stop. */
export class AlreadyEndedError extends ExpectedError {
  readonly code = 'ALREADY_ENDED';
  readonly jobId: string;
  readonly status: JobStatus;
  constructor(jobId: string, status: JobStatus) {
    super(`Job ${jobId} has already ended as ${status}.`);
    this.jobId = jobId;
    this.status = status;
  }
}

/** The job has not ended, so it cannot be resumed. */
export class JobNotEndedError extends ExpectedError {
  readonly code = 'NOT_ENDED';
  readonly jobId: string;
  readonly status: JobStatus;
  constructor(jobId: string, status: JobStatus) {
    super(`Job ${jobId} is still ${status}. Wait for its end, or stop it first.`);
    this.jobId = jobId;
    this.status = status;
  }
}

/** The job does not wait in the queue, so it cannot be moved there. */
export class JobNotWaitingError extends ExpectedError {
  readonly code = 'NOT_WAITING';
  readonly jobId: string;
  readonly status: JobStatus;
  constructor(jobId: string, status: JobStatus) {
    super(
      status === 'QUEUED'
        ? `Job ${jobId} has left the queue: it is about to start, or waits in the queue of the cluster.`
        : `Job ${jobId} is ${status} and does not wait in the queue.`,
    );
    this.jobId = jobId;
    this.status = status;
  }
}

/** The queue is full (`TRAINYARD_MAX_QUEUED`). */
export class QueueFullError extends ExpectedError {
  readonly code = 'QUEUE_FULL';
  readonly limit: number;
  constructor(limit: number) {
    super(`The queue is full: ${limit} jobs are waiting. Try again when some have started, or stop some.`);
    this.limit = limit;
  }
}

/** The idempotency key was used before, with another input. */
export class IdempotencyConflictError extends ExpectedError {
  readonly code = 'IDEMPOTENCY_CONFLICT';
  readonly jobId: string;
  constructor(jobId: string) {
    super(`This idempotencyKey belongs to job ${jobId}, which was started with another input. Use a new key.`);
    this.jobId = jobId;
  }
}

/** No delivery of a webhook has this id. */
export class WebhookDeliveryNotFoundError extends ExpectedError {
  readonly code = 'WEBHOOK_DELIVERY_NOT_FOUND';
  readonly deliveryId: string;
  constructor(deliveryId: string) {
    super(`There is no delivery ${quote(deliveryId)}. Old deliveries and those of deleted jobs are removed.`);
    this.deliveryId = shorten(deliveryId, MAX_ECHO);
  }
}

/** The webhook that a delivery was for is no longer in `TRAINYARD_WEBHOOKS_FILE`. */
export class WebhookNotSetError extends ExpectedError {
  readonly code = 'WEBHOOK_NOT_SET';
  readonly webhook: string;
  constructor(webhook: string) {
    super(
      `No webhook is named ${quote(webhook)} any more. Put it into TRAINYARD_WEBHOOKS_FILE and start the server again.`,
    );
    this.webhook = webhook;
  }
}

/** Another server has this home. */
export class HomeInUseError extends ExpectedError {
  readonly code = 'HOME_IN_USE';
  constructor(home: string, options?: ErrorOptions) {
    super(
      `Another Trainyard server is using ${home}. Stop it first, or set TRAINYARD_HOME to another folder. If there is none, the file system has no locks: use one that has, for example NFS 4.`,
      options,
    );
  }
}
