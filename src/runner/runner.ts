import type {
  AddDatasetOptions,
  AddedDataset,
  DatasetDescription,
  DatasetPreview,
  PreviewOptions,
} from './datasets/dataset.ts';
import type { LogPage, LogQuery, MetricQuery, MetricSeries } from './history/history.ts';
import type { JobEvent } from './feeds/job-event.ts';
import type { JobEdit } from './job/edit-job.ts';
import type { StartInput } from './job/request.ts';
import type { Job } from './job/types.ts';
import type { AttemptDescription } from './launchers/launcher.ts';
import type { TrainerDescription } from './python/trainer-description.ts';
import type { JobChange, JobCounts, JobFilter, JobQuery } from './store/job-query.ts';
import type { CheckpointFile, ModelForm } from './reports/model-file.ts';
import type { Notifications } from './webhooks/notifications.ts';

/** The life of training processes under one home folder. Knows nothing of GraphQL. */
export interface Runner extends AsyncDisposable {
  /**
   * Records a job and starts it as soon as a slot is free.
   * @throws InvalidInputError, DatasetNotFoundError, TrainerUnavailableError, QueueFullError, IdempotencyConflictError
   */
  start(input: StartInput): Promise<Job>;
  /**
   * Asks a job to save a checkpoint and end; kills it when it has not within `graceSeconds` (default 30). A job that waits for
   * a retry is not retried. Stopping twice is harmless.
   * @throws JobNotFoundError, AlreadyEndedError (it ended by itself), InvalidInputError
   */
  stop(id: string, options?: { graceSeconds?: number | null | undefined }): Promise<Job>;
  /**
   * Starts a new attempt of a job that has ended: it goes on from what was saved last, or anew where nothing was.
   * @param options.epochs how many it is to reach in all; default as before, and more than before for a COMPLETED job
   * @throws JobNotFoundError, JobNotEndedError, InvalidInputError, DatasetNotFoundError, TrainerUnavailableError, QueueFullError
   */
  resume(id: string, options?: { epochs?: number | null | undefined }): Promise<Job>;
  /**
   * Deletes the jobs that match and have ended, with their files and models.
   * @returns their ids
   * @throws InvalidInputError for a filter without a condition; empty ones (null, an empty list, blank text) do not count
   */
  deleteJobs(filter: JobFilter): Promise<readonly string[]>;
  /**
   * The ids of the jobs that `deleteJobs` would delete now, the newest first.
   * @throws InvalidInputError as `deleteJobs` does
   */
  deletableJobs(filter: JobFilter): Promise<readonly string[]>;
  get(id: string): Job | undefined;
  list(query: JobQuery): readonly Job[];
  count(filter?: JobFilter | null): number;
  /** The same of each status. */
  counts(filter?: JobFilter | null): JobCounts;
  /**
   * Changes the name, the tags or the notes of a job.
   * @throws JobNotFoundError, InvalidInputError
   */
  update(id: string, edit: JobEdit): Promise<Job>;
  /**
   * Every job that appears, changes or goes from now on, or since `after`. A slow reader gets the newest state of each changed job
   * when it reads again; a cursor that is of no use gives all jobs that match, the first with `gap: true`.
   */
  watchJobs(options?: {
    filter?: JobFilter | null | undefined;
    after?: string | null | undefined;
  }): AsyncIterableIterator<JobChange>;
  /** What to hand to {@link watchJobs} as `after` to get all that changes from now on. */
  readonly changesCursor: string;
  /** The job as one event of its feed: what a new subscriber would get first. */
  snapshot(job: Job): JobEvent;
  /**
   * The live feed of one job: a snapshot (or what followed `after`), then every later state, ending with the terminal one.
   * Progress is conflated for a slow reader, a change of status never.
   * @throws JobNotFoundError at once, not at the first `next()`
   */
  watch(id: string, options?: { after?: string | null | undefined }): AsyncIterableIterator<JobEvent>;
  /** From 1; null if the job is not waiting. */
  queuePosition(id: string): number | null;
  /** The processes and GPUs of a job's newest attempt; null until it is launched. */
  attempt(job: Job): AttemptDescription | null;
  trainers(): Promise<readonly TrainerDescription[]>;
  datasets(): Promise<readonly DatasetDescription[]>;
  /** One of them; null when there is none of this name. */
  dataset(name: string): Promise<DatasetDescription | null>;
  /**
   * What its columns are taken for and its first `rows` (1 to 200, default 20), from a bounded part of the file: a gigabyte takes no
   * longer than a megabyte. Null when it cannot be read. One Python process serves all callers who ask about an unchanged file.
   * @throws InvalidInputError (`rows` out of bounds), DatasetTooCostlyError, TooManyPreviewsError, and the reason of
   *   `options.signal`
   */
  datasetPreview(name: string, rows?: number | null, options?: PreviewOptions): Promise<DatasetPreview | null>;
  /** The absolute path of a dataset; null when there is none of this name. */
  datasetFile(name: string): Promise<string | null>;
  /**
   * Stores a file under `datasets/`, whole or not at all: it appears under its name when all of it is on the disk.
   * @throws InvalidInputError (the name), DatasetExistsError, DatasetTooLargeError, NoSpaceError, and whatever `content` throws
   */
  addDataset(name: string, content: AsyncIterable<Uint8Array>, options?: AddDatasetOptions): Promise<AddedDataset>;
  /** @throws JobNotFoundError */
  metrics(id: string, query?: MetricQuery): Promise<readonly MetricSeries[]>;
  /** @throws JobNotFoundError, InvalidInputError (`last` out of bounds) */
  log(id: string, query?: LogQuery): Promise<LogPage>;
  /**
   * The log of a job, live: its newest `last` lines (or what followed `after`), then pages of what is printed, to the last line. It
   * ends when the job does.
   * @throws JobNotFoundError, InvalidInputError (`last` out of bounds), at once
   */
  watchLog(id: string, query?: LogQuery): AsyncIterableIterator<LogPage>;
  /** Size and times of the checkpoint; null while there is none. */
  checkpoint(job: Job): Promise<CheckpointFile | null>;
  /** Who is told of what happens to jobs, and what was told. */
  readonly notifications: Notifications;
  /** The absolute path of a job's model, which is complete; null while there is none, or no such job. */
  modelFile(id: string, form: ModelForm): Promise<string | null>;
  /** Resolves when reconciled with what ran before. `start` and `stop` wait for it by themselves. */
  readonly ready: Promise<void>;
  /** What it is busy with at this moment. */
  readonly activity: RunnerActivity;
  /** How many listeners hold a feed; zero when nobody watches. */
  readonly watching: number;
}

/** What a runner is busy with, in numbers. */
export interface RunnerActivity {
  /** Jobs that wait for a slot. */
  readonly waiting: number;
  /** Slots that are taken. */
  readonly running: number;
  /** Slots in all. */
  readonly slots: number;
  /** Open feeds, by the subscription that they serve. */
  readonly feeds: Readonly<Record<'jobProgress' | 'jobLog' | 'jobsChanged', number>>;
}
