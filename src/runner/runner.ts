import type { Job, JobEvent, JobStatus, StartInput } from './job.ts';
import type { JobOrder, JobPlace } from './job-order.ts';
import type { Notifications } from './notifications/notifications.ts';
import type { ModelForm } from './model-file.ts';

/** Which jobs to list; every condition given must hold. */
export interface JobFilter {
  /** One of these jobs. */
  readonly ids?: readonly string[] | null | undefined;
  readonly status?: readonly JobStatus[] | null | undefined;
  /** Any of these tags. */
  readonly tags?: readonly string[] | null | undefined;
  /** Every one of these tags. */
  readonly allTags?: readonly string[] | null | undefined;
  readonly trainer?: string | null | undefined;
  readonly dataset?: string | null | undefined;
  /** Part of the name, upper and lower case alike. */
  readonly name?: string | null | undefined;
  /** Part of the id, name, dataset, notes or a tag, upper and lower case alike. */
  readonly text?: string | null | undefined;
  /** Times are Unix ms, and not included. A job that has not ended meets no condition on its end. */
  readonly createdAfter?: number | null | undefined;
  readonly createdBefore?: number | null | undefined;
  readonly endedAfter?: number | null | undefined;
  readonly endedBefore?: number | null | undefined;
  readonly metrics?: readonly MetricCondition[] | null | undefined;
}

/** A condition on a metric of a job; one that never reported it does not meet it. */
export interface MetricCondition {
  readonly name: string;
  /** Default: `BEST`. */
  readonly of?: 'BEST' | 'LATEST' | null | undefined;
  readonly lt?: number | null | undefined;
  readonly lte?: number | null | undefined;
  readonly gt?: number | null | undefined;
  readonly gte?: number | null | undefined;
}

/** A page of jobs by keyset: no offset, so jobs that come or go never shift a page. */
export interface JobQuery {
  readonly filter?: JobFilter | null | undefined;
  /** Default: by time of creation, the newest first. */
  readonly orderBy?: JobOrder | undefined;
  /** Only jobs behind this place in the order. */
  readonly after?: JobPlace | null | undefined;
  /** Only jobs ahead of this place in the order. */
  readonly before?: JobPlace | null | undefined;
  readonly limit: number;
  /** True takes the page from the end of the range instead of its beginning (the order stays). */
  readonly fromEnd?: boolean | undefined;
}

/** How many jobs there are of each status. */
export type JobCounts = Readonly<Record<JobStatus, number>>;

/** One message of the feed of all jobs. */
export interface JobChange {
  /** Opaque; hand it back as `after` to go on from here, also after a restart of the server. */
  readonly cursor: string;
  /** As seen through the filter: a job that begins to match is `ADDED`, one that no longer does is `REMOVED`. */
  readonly kind: 'ADDED' | 'CHANGED' | 'REMOVED';
  readonly jobId: string;
  /** As it is now; null once it is deleted. */
  readonly job: Job | null;
  /** True when `after` could not be honoured: this is the first of all jobs that match, and whatever was known before is void. */
  readonly gap: boolean;
}

/** What can be changed of a job at any time; what is left out stays. */
export interface JobEdit {
  /** Null takes the name away. */
  readonly name?: string | null | undefined;
  readonly tags?: readonly string[] | null | undefined;
  /** Markdown. */
  readonly notes?: string | null | undefined;
}

/** A trainer as its Python side describes it. */
export interface TrainerDescription {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly available: boolean;
  /** Why not, as a sentence that says what to do. */
  readonly unavailableReason: string | null;
  /** The backends that can run here now. */
  readonly backends: readonly ('TORCH' | 'SIMULATION')[];
  /** Null when its Python side could not be asked. */
  readonly defaults: {
    readonly epochs: number;
    readonly batchSize: number;
    readonly learningRate: number;
    readonly seed: number;
  } | null;
  /** JSON Schema of `options`; empty when its Python side could not be asked. */
  readonly options: Readonly<Record<string, unknown>>;
  /** For example `{ python: '3.12.1', torch: '2.13.0' }`. */
  readonly versions: Readonly<Record<string, string>>;
}

/** A file that `start` takes. `columns` and `rows` are null where the file cannot be read; `problem` then says why. */
export interface DatasetDescription {
  /** Path relative to `datasets/`. */
  readonly name: string;
  readonly bytes: number;
  readonly modifiedAt: number;
  /** `CSV`, `TSV` or `JSONL`; null when it is none of these. */
  readonly format: string | null;
  readonly columns: readonly string[] | null;
  /** Rows of data, the header not counted; null also where the file is too large to be read through for it. */
  readonly rows: number | null;
  readonly problem: string | null;
}

/** A column as the training would take it, judged by the rows that a preview reads. */
export interface DatasetColumn {
  readonly name: string;
  readonly kind: 'number' | 'category' | 'date' | 'unusable';
  /** Cells without a value. */
  readonly gaps: number;
  /** Different values; null when they are too many to count. */
  readonly distinct: number | null;
  /** Null where the column does not hold numbers. */
  readonly minimum: number | null;
  readonly maximum: number | null;
  /** Why it is left out, or what is passed over in it. */
  readonly note: string | null;
}

/** How a dataset begins. */
export interface DatasetPreview {
  /** The first 1,000. */
  readonly columns: readonly DatasetColumn[];
  readonly columnCount: number;
  /** A cell for each of `columns`; null for a gap. */
  readonly rows: readonly (readonly (string | null)[])[];
  /** Rows that kinds and counts come from. */
  readonly rowsRead: number;
  /** Whether these are all. */
  readonly complete: boolean;
}

export interface AddDatasetOptions {
  /** Take the place of a dataset of this name; default false. */
  readonly replace?: boolean | undefined;
  /** Default: no limit. */
  readonly maxBytes?: number | undefined;
}

export interface AddedDataset {
  readonly name: string;
  readonly bytes: number;
  /** Whether it took the place of another. */
  readonly replaced: boolean;
}

export interface MetricQuery {
  /** Only these series; default all. */
  readonly names?: readonly string[] | null | undefined;
  /** First step, inclusive. */
  readonly fromStep?: number | null | undefined;
  /** Last step, inclusive. */
  readonly toStep?: number | null | undefined;
  /** Thin each series to at most this many points (1 or more); default: never thinned. */
  readonly maxPoints?: number | null | undefined;
  /** A series that has still more points than this comes without them; default: no limit. */
  readonly limit?: number | null | undefined;
}

export interface MetricPoint {
  readonly step: number;
  /** Null where the trainer reported NaN or infinity. */
  readonly value: number | null;
  /** Unix ms. */
  readonly at: number;
}

/** Points by step, ascending: one by one, or as the columns that they are kept in. */
export interface MetricPoints extends Iterable<MetricPoint> {
  readonly length: number;
  readonly steps: Float64Array;
  /** Unix ms. */
  readonly times: Float64Array;
  /** NaN where the trainer reported NaN or infinity. */
  readonly values: Float64Array;
}

/** The history of one metric; never empty. */
export interface MetricSeries {
  readonly name: string;
  /** Null when there are more of them than the `limit` of the query. */
  readonly points: MetricPoints | null;
  /** Points in the asked range before thinning. */
  readonly totalPoints: number;
  /** True when `points` was thinned. */
  readonly sampled: boolean;
  readonly latest: MetricPoint;
  /** Lowest value; highest where the name says that more is better (accuracy, r2, f1, auc, precision, recall). Null when none is finite. */
  readonly best: MetricPoint | null;
}

export interface LogQuery {
  /** The newest so many lines; default 200, at most 10,000. */
  readonly last?: number | null | undefined;
  /** Only what came after the page that gave this cursor. */
  readonly after?: string | null | undefined;
}

export interface LogLine {
  readonly text: string;
  readonly stream: 'STDOUT' | 'STDERR';
  /** Unix ms. */
  readonly at: number;
}

export interface LogPage {
  readonly lines: readonly LogLine[];
  readonly cursor: string;
  /** True when the log could not go on where the cursor said: it was no cursor of a log, or its lines are gone. */
  readonly gap: boolean;
}

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
   */
  deleteJobs(filter: JobFilter): Promise<readonly string[]>;
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
  /** From 1; null when the job is not waiting. */
  queuePosition(id: string): number | null;
  trainers(): Promise<readonly TrainerDescription[]>;
  datasets(): Promise<readonly DatasetDescription[]>;
  /** One of them; null when there is none of this name. */
  dataset(name: string): Promise<DatasetDescription | null>;
  /**
   * What its columns are taken for and its first `rows` (1 to 200, default 20), from a bounded part of the file: a gigabyte takes no
   * longer than a megabyte. Null when it cannot be read.
   * @throws InvalidInputError (`rows` out of bounds)
   */
  datasetPreview(name: string, rows?: number | null): Promise<DatasetPreview | null>;
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

export interface CheckpointFile {
  /** Relative to the home, for example `models/job_1.pt`. */
  readonly path: string;
  readonly bytes: number;
  readonly savedAt: number;
  /** The `.safetensors` beside it; null when simulated. */
  readonly safetensorsPath: string | null;
}
