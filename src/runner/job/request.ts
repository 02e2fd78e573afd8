import type { Dependency, DependencyCondition } from './dependency.ts';
import type { FailureReason } from './failure.ts';
import type { Resources, ResourcesInput } from './resources.ts';

export const BACKENDS = ['AUTO', 'TORCH', 'SIMULATION'] as const;
export type Backend = (typeof BACKENDS)[number];

/** The automatic retry policy of a job. A stop that a user requested is never retried. */
export interface RetryPolicy {
  /** Maximum number of retries. */
  readonly limit: number;
  /** The failures after which to retry. */
  readonly on: readonly FailureReason[];
  /** Delay before the first retry, seconds; doubled before each further one, at most an hour. */
  readonly backoffSeconds: number;
}

/** The settings that many trainers share. A trainer says which of them it has; for the others the request has null. */
export const STANDARD_SETTINGS = ['dataset', 'epochs', 'batchSize', 'learningRate', 'seed'] as const;
export type StandardSetting = (typeof STANDARD_SETTINGS)[number];

/** A request to train, with every default filled in. */
export interface TrainingRequest {
  readonly name: string | null;
  readonly tags: readonly string[];
  readonly trainer: string;
  readonly backend: Backend;
  /** Relative to `datasets/`; null if the trainer gets none. */
  readonly dataset: string | null;
  /** Null if the trainer has no such setting, or a default of its own that it does not reveal; likewise the next three. */
  readonly epochs: number | null;
  readonly batchSize: number | null;
  readonly learningRate: number | null;
  readonly seed: number | null;
  readonly options: Readonly<Record<string, unknown>>;
  /** Command-line arguments of a script, after those that follow from the other fields. */
  readonly arguments: readonly string[];
  /** Number of processes that train together; 1 unless the trainer is a script. */
  readonly processes: number;
  /** Jobs with a higher priority start first. */
  readonly priority: number;
  /** The jobs after which this one starts. */
  readonly dependsOn: readonly Dependency[];
  /** The group that it counts in; null for none. */
  readonly group: string | null;
  /** When it may start at the earliest, Unix ms; null for at once. */
  readonly notBefore: number | null;
  /** Number of GPUs to lease; null leaves the environment as it is, 0 hides every GPU. */
  readonly gpus: number | null;
  readonly retry: RetryPolicy | null;
  /** Requirements of the attempt on its machine; null for the defaults. Missing in requests of older versions. */
  readonly resources?: Resources | null;
  /** Maximum duration of one attempt, seconds; null for no limit. */
  readonly timeLimitSeconds: number | null;
  /** Maximum time without a report, seconds; null for no limit. */
  readonly stallLimitSeconds: number | null;
}

/** The input of `start`: what is left out gets the trainer's own default. */
export interface StartInput {
  readonly name?: string | null | undefined;
  readonly tags?: readonly string[] | null | undefined;
  /** Default: `tabular`. */
  readonly trainer?: string | null | undefined;
  /** Default: `AUTO`. */
  readonly backend?: Backend | null | undefined;
  /** Default: the shipped `sample.csv` for shipped trainers, none for scripts. */
  readonly dataset?: string | null | undefined;
  readonly epochs?: number | null | undefined;
  readonly batchSize?: number | null | undefined;
  readonly learningRate?: number | null | undefined;
  readonly seed?: number | null | undefined;
  readonly options?: Readonly<Record<string, unknown>> | null | undefined;
  /** Default: none. Only scripts take arguments. */
  readonly arguments?: readonly string[] | null | undefined;
  /** From 1 to 1024, default 1. Only scripts run as several processes. */
  readonly processes?: number | null | undefined;
  /** From -1000 to 1000, default 0. */
  readonly priority?: number | null | undefined;
  /** At most 100 jobs, each once. Default: none. */
  readonly dependsOn?: readonly DependencyInput[] | null | undefined;
  /** 1 to 64 letters, digits, `.`, `_` and `-`. Default: none. */
  readonly group?: string | null | undefined;
  /** Unix ms. Default: as soon as possible. */
  readonly notBefore?: number | null | undefined;
  /** Default: no GPU is leased, and none hidden. */
  readonly gpus?: number | null | undefined;
  /** Default: no retry. `on` defaults to all reasons but INVALID_DATASET, TRAINER_ERROR and TIME_LIMIT, `backoffSeconds` to 10. */
  readonly retry?:
    | {
        readonly limit: number;
        readonly on?: readonly FailureReason[] | null | undefined;
        readonly backoffSeconds?: number | null | undefined;
      }
    | null
    | undefined;
  /** Default: those of the machine or the cluster. */
  readonly resources?: ResourcesInput | null | undefined;
  readonly timeLimitSeconds?: number | null | undefined;
  readonly stallLimitSeconds?: number | null | undefined;
  /** Sending the same key again returns the same job instead of starting another. */
  readonly idempotencyKey?: string | null | undefined;
}

/** A job to wait for: an existing one by its id, or an earlier one of the same `startAll` by its index. */
export interface DependencyInput {
  readonly id?: string | null | undefined;
  /** Position in the inputs of `startAll`, from 0; lower than that of the job that waits, so that no cycle is possible. */
  readonly index?: number | null | undefined;
  /** Default: `AFTER_OK`. */
  readonly when?: DependencyCondition | null | undefined;
}

export interface StartOptions {
  /** Name of the user who starts the job; default null. */
  readonly startedBy?: string | null | undefined;
  /**
   * Called with the number of new jobs right before they are recorded, so not for the repeat of an idempotency key. An error that it throws
   * refuses the start.
   */
  readonly admit?: ((jobs: number) => void) | undefined;
}

export interface ResumeOptions {
  /** The total number of epochs to reach; default as before. A COMPLETED job needs a greater number. */
  readonly epochs?: number | null | undefined;
  /** Called with 1 right before the new attempt is recorded. An error that it throws refuses the resume. */
  readonly admit?: ((jobs: number) => void) | undefined;
}
