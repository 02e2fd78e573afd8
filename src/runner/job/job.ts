/**
 * The words of this program.
 *
 * - **Job**: one request to train a model, and everything that became of it. It is never forgotten and never runs twice at once.
 * - **Attempt**: one run of a job's process. A job has one, or more when it is resumed or retried.
 * - **Status**: where the job is in its life (see {@link NEXT}). A terminal status never changes within an attempt.
 * - **Health**: whether a living job still reports. Not a status: a stalled job is not a dead one.
 * - **Trainer**: the Python code that trains; **backend**: what it computes with (PyTorch, or a simulation that says so).
 * - **Supervisor**: the small process between runner and trainer that records how the trainer ended.
 * - **Step**: one optimizer update, counted absolutely from 1. **Epoch**: one pass over the training split.
 * - **Checkpoint**: the file that holds the trained weights and all that is needed to predict with them.
 * - **Report**: one line that a trainer adds to the metrics history. **Progress**: the newest numbers of a job.
 * - **Webhook**: a program that wants to be told of what happens to jobs; **notice**: what one of them is told of one event;
 *   **delivery**: a notice with what became of it.
 * - **Home**: the folder under which all files of one server lie.
 *
 * Inside the program times are Unix milliseconds; files say seconds (see PROTOCOL.md), the API says ISO 8601.
 */

export const JOB_STATUSES = [
  'QUEUED',
  'STARTING',
  'LOADING',
  'RUNNING',
  'STOPPING',
  'COMPLETED',
  'STOPPED',
  'ERROR',
] as const;
export type JobStatus = (typeof JOB_STATUSES)[number];

export type TerminalStatus = 'COMPLETED' | 'STOPPED' | 'ERROR';

/** The one transition table: which statuses may follow which. A step may be missed by an observer, never reversed. */
export const NEXT: Readonly<Record<JobStatus, readonly JobStatus[]>> = {
  QUEUED: ['STARTING', 'LOADING', 'RUNNING', 'STOPPING', 'COMPLETED', 'STOPPED', 'ERROR'],
  STARTING: ['LOADING', 'RUNNING', 'STOPPING', 'COMPLETED', 'STOPPED', 'ERROR'],
  LOADING: ['RUNNING', 'STOPPING', 'COMPLETED', 'STOPPED', 'ERROR'],
  RUNNING: ['STOPPING', 'COMPLETED', 'STOPPED', 'ERROR'],
  STOPPING: ['COMPLETED', 'STOPPED', 'ERROR'],
  COMPLETED: [],
  STOPPED: [],
  ERROR: [],
};

/** Whether `status` ends a job (COMPLETED, STOPPED, ERROR). */
export function isTerminal(status: JobStatus): status is TerminalStatus {
  return NEXT[status].length === 0;
}

export type Health = 'OK' | 'STALLED';

export const BACKENDS = ['AUTO', 'TORCH', 'SIMULATION'] as const;
export type Backend = (typeof BACKENDS)[number];

export const FAILURE_REASONS = [
  'INVALID_DATASET',
  'TRAINER_ERROR',
  'EXIT_NONZERO',
  'SIGNAL',
  'OUT_OF_MEMORY',
  'SPAWN_FAILED',
  'START_TIMEOUT',
  'TIME_LIMIT',
  'HOST_REBOOT',
  'VANISHED',
] as const;
export type FailureReason = (typeof FAILURE_REASONS)[number];

/** Why a job is in ERROR. */
export interface JobFailure {
  readonly reason: FailureReason;
  /** A sentence that a person can act on. */
  readonly message: string;
  readonly exitCode: number | null;
  /** For example `SIGKILL`. */
  readonly signal: string | null;
  /** Most memory that the trainer had in use, bytes; null when nobody measured it. */
  readonly peakMemoryBytes: number | null;
  /** The last lines that the process printed, oldest first, at most 20. */
  readonly lastLogLines: readonly string[];
}

/** Why a job is asked to stop: by somebody, or by one of its own limits. */
export type StopCause = 'USER' | 'TIME_LIMIT' | 'STALL_LIMIT' | 'START_TIMEOUT';

/** What a job is doing, with what only that state has: impossible combinations cannot be written. */
export type JobState =
  | { readonly status: 'QUEUED' }
  | { readonly status: 'STARTING' | 'LOADING' | 'RUNNING'; readonly startedAt: number }
  | {
      readonly status: 'STOPPING';
      readonly startedAt: number | null;
      /**
       * When the whole process group is killed if it has not ended by then, Unix ms; null when somebody else, not this
       * program, asked the trainer to stop.
       */
      readonly deadline: number | null;
      readonly cause: StopCause;
    }
  | { readonly status: 'COMPLETED' | 'STOPPED'; readonly startedAt: number | null; readonly finishedAt: number }
  | {
      readonly status: 'ERROR';
      readonly startedAt: number | null;
      readonly finishedAt: number;
      readonly failure: JobFailure;
    };

/** The newest numbers of a job. */
export interface Progress {
  /** 0-100. */
  readonly percent: number;
  /** The epoch under way, from 1; 0 before the first. */
  readonly epoch: number;
  readonly epochs: number | null;
  /** Optimizer steps done, absolute. */
  readonly step: number;
  readonly totalSteps: number | null;
  /** Newest training loss; null before the first, and where it is NaN or infinite. */
  readonly loss: number | null;
  /** Newest value of each metric by name; null where it is NaN or infinite. */
  readonly metrics: Readonly<Record<string, number | null>>;
  readonly message: string | null;
  readonly samplesPerSecond: number | null;
  readonly etaSeconds: number | null;
  /** When these numbers were written, Unix ms. */
  readonly updatedAt: number;
}

/** The best value of a metric, and where it was reached. */
export interface BestValue {
  readonly value: number;
  readonly step: number;
  /** Unix ms. */
  readonly at: number;
}

/** Starting again by itself after a failure. Never after somebody's stop. */
export interface RetryPolicy {
  /** How often at most. */
  readonly limit: number;
  /** After which failures. */
  readonly on: readonly FailureReason[];
  /** Before the first retry, seconds; twice as long before each further one, at most an hour. */
  readonly backoffSeconds: number;
}

/** What somebody asked to train, with every default filled in. */
export interface TrainingRequest {
  readonly name: string | null;
  readonly tags: readonly string[];
  readonly trainer: string;
  readonly backend: Backend;
  /** Relative to `datasets/`. */
  readonly dataset: string;
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly seed: number;
  readonly options: Readonly<Record<string, unknown>>;
  /** A higher one starts first. */
  readonly priority: number;
  /** How many GPUs it has to itself; null leaves the environment as it is, 0 hides every GPU. */
  readonly gpus: number | null;
  readonly retry: RetryPolicy | null;
  /** How long one attempt may take, seconds; null for as long as it needs. */
  readonly timeLimitSeconds: number | null;
  /** How long it may report nothing, seconds; null for ever. */
  readonly stallLimitSeconds: number | null;
}

/** What `start` takes: what is left out gets the trainer's own default. */
export interface StartInput {
  readonly name?: string | null | undefined;
  readonly tags?: readonly string[] | null | undefined;
  /** Default: `tabular`. */
  readonly trainer?: string | null | undefined;
  /** Default: `AUTO`. */
  readonly backend?: Backend | null | undefined;
  /** Default: the shipped `sample.csv`. */
  readonly dataset?: string | null | undefined;
  readonly epochs?: number | null | undefined;
  readonly batchSize?: number | null | undefined;
  readonly learningRate?: number | null | undefined;
  readonly seed?: number | null | undefined;
  readonly options?: Readonly<Record<string, unknown>> | null | undefined;
  /** From -1000 to 1000, default 0. */
  readonly priority?: number | null | undefined;
  /** Default: no GPU is leased, and none hidden. */
  readonly gpus?: number | null | undefined;
  /** Default: never. `on` defaults to everything but INVALID_DATASET, TRAINER_ERROR and TIME_LIMIT, `backoffSeconds` to 10. */
  readonly retry?:
    | {
        readonly limit: number;
        readonly on?: readonly FailureReason[] | null | undefined;
        readonly backoffSeconds?: number | null | undefined;
      }
    | null
    | undefined;
  readonly timeLimitSeconds?: number | null | undefined;
  readonly stallLimitSeconds?: number | null | undefined;
  /** The same key again returns the same job instead of starting another. */
  readonly idempotencyKey?: string | null | undefined;
}

/** One process, recognised again for certain: a pid alone may by now belong to another. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startTime: string;
  readonly bootId: string;
}

/** A status with the time it was reached, Unix ms, and the numbers as they were then. */
export interface Transition {
  readonly status: JobStatus;
  readonly at: number;
  readonly progress: Progress;
}

/** A job as it is now. Immutable: each change makes a new one. */
export interface Job {
  readonly id: string;
  readonly request: TrainingRequest;
  /** Unix ms. */
  readonly createdAt: number;
  readonly attempt: number;
  readonly state: JobState;
  readonly health: Health;
  readonly progress: Progress;
  /** Every status so far, all attempts, oldest first; never empty. */
  readonly transitions: readonly Transition[];
  /** Version of the newest status file that was read; orders {@link progress}. */
  readonly sequence: number;
  /** True when no model is trained: the numbers are made up. */
  readonly simulation: boolean;
  readonly device: string | null;
  readonly host: string | null;
  /** The trainer once it exists. */
  readonly process: ProcessIdentity | null;
  readonly supervisor: ProcessIdentity | null;
  /** Path relative to the home; null until a complete one exists. */
  readonly checkpoint: string | null;
  /** The GPUs that it has to itself while its processes live, as CUDA_VISIBLE_DEVICES names them. */
  readonly gpuDevices: readonly string[];
  /** What somebody wrote about it, Markdown; empty when nobody did. */
  readonly notes: string;
  /** The best value of each metric so far, all attempts. */
  readonly best: Readonly<Record<string, BestValue>>;
  /** How often it was retried by itself since it was last started or resumed by somebody. */
  readonly retries: number;
  /** When it will be retried by itself, Unix ms; null when it will not. */
  readonly retryAt: number | null;
}

/** One message of a job's live feed. */
export interface JobEvent {
  /** Opaque; hand it back as `after` to go on from here, also after a restart of the server. */
  readonly cursor: string;
  /** The status this event tells of: `job` may already be further. */
  readonly status: JobStatus;
  readonly progress: Progress;
  readonly job: Job;
  /** True when `after` could not be honoured, so that this is a fresh snapshot. */
  readonly gap: boolean;
}
