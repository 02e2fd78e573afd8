import type { Job, JobEvent, JobStatus, StartInput } from './job.ts';

/** Which jobs to list; every condition given must hold. */
export interface JobFilter {
  /** One of these jobs. */
  readonly ids?: readonly string[] | null | undefined;
  readonly status?: readonly JobStatus[] | null | undefined;
  /** Any of these tags. */
  readonly tags?: readonly string[] | null | undefined;
  readonly trainer?: string | null | undefined;
  readonly dataset?: string | null | undefined;
  /** Part of the name, upper and lower case alike. */
  readonly name?: string | null | undefined;
  /** Ended before this time, Unix ms. */
  readonly endedBefore?: number | null | undefined;
}

/** Where a page begins: the sort key of a job, compared by time of creation, then id. */
export interface JobKey {
  readonly createdAt: number;
  readonly id: string;
}

/** A page of jobs by keyset: no offset, so jobs that come or go never shift a page. */
export interface JobQuery {
  readonly filter?: JobFilter | null | undefined;
  /** Order by time of creation; default `DESC`, the newest first. */
  readonly direction?: 'ASC' | 'DESC' | undefined;
  /** Only jobs behind this one in the order. */
  readonly after?: JobKey | null | undefined;
  /** Only jobs ahead of this one in the order. */
  readonly before?: JobKey | null | undefined;
  readonly limit: number;
  /** True takes the page from the end of the range instead of its beginning (the order stays). */
  readonly fromEnd?: boolean | undefined;
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
  /** Rows of data, the header not counted. */
  readonly rows: number | null;
  readonly problem: string | null;
}

export interface MetricQuery {
  /** Only these series; default all. */
  readonly names?: readonly string[] | null | undefined;
  /** First step, inclusive. */
  readonly fromStep?: number | null | undefined;
  /** Last step, inclusive. */
  readonly toStep?: number | null | undefined;
  /** Thin each series to at most about this many points; default: never thinned. */
  readonly maxPoints?: number | null | undefined;
}

export interface MetricPoint {
  readonly step: number;
  /** Null where the trainer reported NaN or infinity. */
  readonly value: number | null;
  /** Unix ms. */
  readonly at: number;
}

export interface MetricSeries {
  readonly name: string;
  readonly points: readonly MetricPoint[];
  /** Points in the asked range before thinning. */
  readonly totalPoints: number;
  /** True when `points` was thinned. */
  readonly sampled: boolean;
  readonly latest: MetricPoint | null;
  /** Lowest value; highest where the name says that more is better (accuracy, r2, f1, auc, precision, recall). */
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
  /** Resolves when reconciled with what ran before. `start` and `stop` wait for it by themselves. */
  readonly ready: Promise<void>;
  /** How many listeners hold a feed; zero when nobody watches. */
  readonly watching: number;
}

export interface CheckpointFile {
  /** Relative to the home, for example `models/job_1.pt`. */
  readonly path: string;
  readonly bytes: number;
  readonly savedAt: number;
  /** The `.safetensors` beside it; null when simulated. */
  readonly safetensorsPath: string | null;
}
