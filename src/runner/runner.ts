import type { AuditLog } from './audit/audit.ts';
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
import type { ResumeOptions, StartInput, StartOptions } from './job/request.ts';
import type { ResourceRules } from './job/resources.ts';
import type { Job } from './job/types.ts';
import type { GroupState } from './life/queue.ts';
import type { QueueMove } from './life/queue-control.ts';
import type { AttemptDescription } from './launchers/launcher.ts';
import type { OnnxFile } from './prediction/export-onnx.ts';
import type { ModelDescription, PredictionInput, PredictionResult, PredictOptions } from './prediction/prediction.ts';
import type { TrainerDescription } from './python/trainer-description.ts';
import type { JobChange, JobCounts, JobFilter, JobQuery } from './store/job-query.ts';
import type { CheckpointFile, ModelForm } from './reports/model-file.ts';
import type { OutputFile, OutputList } from './reports/output-files.ts';
import type { Evaluation } from './reports/evaluation-file.ts';
import type { Provenance } from './reports/provenance-file.ts';
import type { Notifications } from './webhooks/notifications.ts';

/** Runs training jobs under one home folder. Independent of GraphQL. */
export interface Runner extends AsyncDisposable {
  /**
   * Records a job and starts it as soon as a slot is free.
   * @throws InvalidInputError, DatasetNotFoundError, TrainerUnavailableError, QueueFullError, IdempotencyConflictError, DiskFullError,
   *   StorageQuotaError, TooManyJobsError
   */
  start(input: StartInput, options?: StartOptions): Promise<Job>;
  /**
   * Records up to 1,000 jobs, all or none, and starts each as soon as it may. A job may depend on an earlier one by its `index`.
   * @returns the jobs in the order of the inputs
   * @throws the errors of {@link start}
   */
  startAll(inputs: readonly StartInput[], options?: StartOptions): Promise<readonly Job[]>;
  /**
   * Starts a job that predicts all rows of a dataset with the newest model of another job, and writes `predictions.csv` into its output
   * folder.
   * @throws JobNotFoundError (of the model), ModelUnavailableError, and the errors of {@link start}
   */
  startPrediction(input: PredictionInput, options?: StartOptions): Promise<Job>;
  /**
   * Asks a job to save a checkpoint and end; kills it if it has not ended within `graceSeconds` (default 30). Cancels a pending retry.
   * Can be called more than once.
   * @throws JobNotFoundError, AlreadyEndedError (it is COMPLETED or ERROR), InvalidInputError
   */
  stop(id: string, options?: { graceSeconds?: number | null | undefined }): Promise<Job>;
  /**
   * Starts a new attempt of a job that has ended. It continues from the last checkpoint, or starts over if there is none.
   * @throws JobNotFoundError, JobNotEndedError, InvalidInputError, DatasetNotFoundError, TrainerUnavailableError, QueueFullError,
   *   DiskFullError, StorageQuotaError
   */
  resume(id: string, options?: ResumeOptions): Promise<Job>;
  /**
   * Deletes the jobs that match and have ended, with their files and models.
   * @returns their ids
   * @throws InvalidInputError if every condition of the filter is empty (null, an empty list, blank text)
   */
  deleteJobs(filter: JobFilter, options?: DeleteOptions): Promise<readonly string[]>;
  /**
   * The ids of the jobs that `deleteJobs` would delete now, newest first.
   * @throws InvalidInputError for the same reason as `deleteJobs`
   */
  deletableJobs(filter: JobFilter, options?: DeleteOptions): Promise<readonly string[]>;
  get(id: string): Job | undefined;
  /**
   * Resolves when all recorded jobs are read and indexed, some seconds after {@link ready} if there are many. Until then, lists and counts
   * for which {@link needsIndex} is true read and test every job, which blocks the event loop.
   */
  readonly indexed: Promise<void>;
  list(query: JobQuery): readonly Job[];
  count(filter?: JobFilter | null): number;
  /** The same for each status. */
  counts(filter?: JobFilter | null): JobCounts;
  /**
   * Changes the name, the tags, the notes or the priority of a job.
   * @throws JobNotFoundError, InvalidInputError
   */
  update(id: string, edit: JobEdit): Promise<Job>;
  /**
   * The live feed of all jobs: every job that is added, changed or deleted from now on, or since `after`. A slow reader gets the newest
   * state of each changed job. For an invalid cursor the feed starts with all jobs that match, the first with `gap: true`.
   */
  watchJobs(options?: {
    filter?: JobFilter | null | undefined;
    after?: string | null | undefined;
  }): AsyncIterableIterator<JobChange>;
  /** The current position of the feed of all jobs: the `after` for {@link watchJobs} to get every change from now on. */
  readonly changesCursor: string;
  /** The job as one event of its feed: the first event of a new subscriber. */
  snapshot(job: Job): JobEvent;
  /**
   * The live feed of one job: a snapshot (or the events after `after`), then every later state, up to the terminal one. For a slow reader
   * progress is coalesced, but it gets every change of status.
   * @throws JobNotFoundError immediately, not at the first `next()`
   */
  watch(id: string, options?: { after?: string | null | undefined }): AsyncIterableIterator<JobEvent>;
  /** From 1; null if the job is not waiting. */
  queuePosition(id: string): number | null;
  /** Why a waiting job does not start, as a sentence; null if it is about to, or does not wait. */
  waitingFor(job: Job): string | null;
  /** Resources that a start may request. */
  readonly resourceRules: ResourceRules;
  /** The state of the queue. */
  readonly queue: QueueState;
  /**
   * Pauses the queue or one group: no more jobs start, and running jobs continue. A restart keeps the pause.
   * @param group default: the whole queue
   * @throws InvalidInputError
   */
  pauseQueue(group?: string | null): Promise<void>;
  /**
   * Ends a pause. That of the whole queue and those of groups are independent of each other.
   * @throws InvalidInputError
   */
  resumeQueue(group?: string | null): Promise<void>;
  /**
   * Limits how many jobs of a group run at once, 1 to 100,000; null removes the limit. Running jobs are not stopped. A restart keeps the
   * limit.
   * @throws InvalidInputError
   */
  setGroupLimit(group: string, limit: number | null): Promise<void>;
  /**
   * Moves a waiting job right before or after another one, and gives it the priority of that one.
   * @throws JobNotFoundError, JobNotWaitingError, InvalidInputError
   */
  moveJob(id: string, move: QueueMove): Promise<Job>;
  /** The processes and GPUs of a job's newest attempt; null until it is launched. */
  attempt(job: Job): AttemptDescription | null;
  trainers(): Promise<readonly TrainerDescription[]>;
  datasets(): Promise<readonly DatasetDescription[]>;
  /** The dataset of this name; null if there is none. */
  dataset(name: string): Promise<DatasetDescription | null>;
  /**
   * The column types and the first `rows` (1 to 200, default 20), from a limited part of the file, so that a large file takes no longer
   * than a small one. Null if it cannot be read now. Concurrent callers share one Python process; later ones get the cached result.
   * @throws InvalidInputError (`rows` or `options.read` is not allowed), DatasetTooCostlyError, TooManyPreviewsError,
   *   UnreadableDatasetError (the file is not a table, or not with `options.read`), and the reason of `options.signal`
   */
  datasetPreview(name: string, rows?: number | null, options?: PreviewOptions): Promise<DatasetPreview | null>;
  /**
   * Predicts up to 1,000 rows with the newest model of a job, which stays in memory for later calls. A row is an object of values by
   * column.
   * @throws JobNotFoundError, InvalidInputError, ModelUnavailableError, TrainerUnavailableError, TooManyPredictionsError,
   *   PredictionFailedError, and the reason of `options.signal`
   */
  predict(id: string, rows: readonly unknown[], options?: PredictOptions): Promise<PredictionResult>;
  /**
   * The inputs and outputs of the newest model of a job.
   * @throws JobNotFoundError, ModelUnavailableError, TrainerUnavailableError, TooManyPredictionsError, PredictionFailedError, and the
   *   reason of `options.signal`
   */
  model(id: string, options?: PredictOptions): Promise<ModelDescription>;
  /**
   * Writes the newest model of a job as an ONNX file, which exists until it is disposed.
   * @param signal ends the export
   * @throws JobNotFoundError, ModelUnavailableError, TrainerUnavailableError, TooManyExportsError, PredictionFailedError, and the reason of
   *   `signal`
   */
  exportOnnx(id: string, signal: AbortSignal): Promise<OnnxFile>;
  /** The absolute path of a dataset; null if there is none of this name. */
  datasetFile(name: string): Promise<string | null>;
  /**
   * Stores a file in `datasets/`, atomically: it appears under its name once it is completely on the disk.
   * @throws InvalidInputError (the name), DatasetExistsError, DatasetTooLargeError, NoSpaceError, DiskFullError, StorageQuotaError, and any error of
   *   `content`
   */
  addDataset(name: string, content: AsyncIterable<Uint8Array>, options?: AddDatasetOptions): Promise<AddedDataset>;
  /**
   * Deletes a dataset.
   * @throws DatasetNotFoundError, and DatasetInUseError while a job that has not ended, or waits for a retry, trains on it
   */
  deleteDataset(name: string): Promise<void>;
  /** The user who uploaded a dataset; null if there is none. */
  datasetOwner(name: string): string | null;
  /** @throws JobNotFoundError */
  metrics(id: string, query?: MetricQuery): Promise<readonly MetricSeries[]>;
  /** @throws JobNotFoundError, InvalidInputError (`last` out of bounds) */
  log(id: string, query?: LogQuery): Promise<LogPage>;
  /**
   * The live log of a job: its newest `last` lines (or those after `after`), then pages of new lines. Ends after the last line of a job
   * that has ended.
   * @throws JobNotFoundError, InvalidInputError (`last` out of bounds), immediately
   */
  watchLog(id: string, query?: LogQuery): AsyncIterableIterator<LogPage>;
  /** Size and time of the checkpoint; null if there is none. */
  checkpoint(job: Job): Promise<CheckpointFile | null>;
  /** The webhooks and their deliveries. */
  readonly notifications: Notifications;
  /** The paths of the files in a job's output folder. */
  outputFiles(job: Job): Promise<OutputList>;
  /** Size and time of files in a job's output folder, without those that are gone. */
  describeOutputFiles(job: Job, paths: readonly string[]): Promise<readonly OutputFile[]>;
  /** The absolute path of a file in a job's output folder; null if there is none, or no such job. */
  outputFile(id: string, path: string): Promise<string | null>;
  /** The measured quality of a job's model; null if its trainer has not evaluated it. */
  evaluation(job: Job): Promise<Evaluation | null>;
  /** The script, arguments, versions and machine of a job's newest attempt; null if it has not recorded them. */
  provenance(job: Job): Promise<Provenance | null>;
  /** The whole log of a job as plain text, in pieces. @throws JobNotFoundError */
  logText(id: string): AsyncIterable<string>;
  /** The absolute path of a job's complete model; null if there is none, or no such job. */
  modelFile(id: string, form: ModelForm): Promise<string | null>;
  /** The audit log, to which the server adds each change that a client makes. */
  readonly audit: AuditLog;
  /** Resolves when all recorded jobs are reconciled. `start` and `stop` wait for it themselves. */
  readonly ready: Promise<void>;
  /** Current numbers of jobs, slots and feeds. */
  readonly activity: RunnerActivity;
  /** Total number of open feeds. */
  readonly watching: number;
}

/** The state of the queue. */
export interface QueueState {
  /** Jobs that wait, for whatever reason. */
  readonly waiting: number;
  /** Slots in use. */
  readonly running: number;
  /** Total number of slots; null on a cluster, whose own queue accepts every job. */
  readonly slots: number | null;
  /** Whether the whole queue is paused. */
  readonly isPaused: boolean;
  /** Each group that has settings, or a job that waits or runs; by name. */
  readonly groups: readonly GroupState[];
}

/** Current numbers of a runner. */
export interface RunnerActivity {
  /** Jobs that wait for a slot. */
  readonly waiting: number;
  /** Slots in use. */
  readonly running: number;
  /** Total number of slots; null on a cluster, whose own queue accepts every job. */
  readonly slots: number | null;
  /** Open feeds by subscription. */
  readonly feeds: Readonly<Record<'jobProgress' | 'jobLog' | 'jobsChanged', number>>;
}

export interface DeleteOptions {
  /** Only jobs that this user started; default all. */
  readonly startedBy?: string | undefined;
}
