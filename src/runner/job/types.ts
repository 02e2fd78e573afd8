/**
 * The domain types of a training job. docs/contributing/glossary.md defines every term.
 *
 * Inside the program, times are Unix milliseconds. Files use Unix seconds (see PROTOCOL.md), the API uses ISO 8601.
 */
import type { JobFailure } from './failure.ts';
import type { Goal } from './metric-direction.ts';
import type { MetricNumber } from './metric-number.ts';
import type { TrainingRequest } from './request.ts';
import type { Score } from './score.ts';
import type { JobStatus } from './status.ts';

/** Whether a live job still reports. Not a status: a stalled job may recover. */
export type Health = 'OK' | 'STALLED';

/** Why a job was asked to stop: by a user, by one of its own limits, or by a SIGTERM that another program sent to the trainer. */
export type StopCause = 'USER' | 'TIME_LIMIT' | 'STALL_LIMIT' | 'START_TIMEOUT' | 'FOREIGN_SIGNAL';

/** The state of a job, with the data that only this state has: impossible combinations cannot be written. */
export type JobState =
  | { readonly status: 'QUEUED' }
  | { readonly status: 'STARTING' | 'LOADING' | 'RUNNING'; readonly startedAt: number }
  | {
      readonly status: 'STOPPING';
      readonly startedAt: number | null;
      /** When the runner recorded the request, by its own clock: the times of `transitions` may be those of another machine. */
      readonly requestedAt: number | null;
      /**
       * When everything of the job is killed if it has not ended by then, Unix ms. Both are null until the runner
       * has set them: a trainer that received its SIGTERM from another program reports STOPPING first.
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
  /** True while the numbers are those of an earlier attempt: the newest one has not made a step. */
  readonly carried?: boolean;
  /** 0-100. */
  readonly percent: number;
  /** The current epoch, from 1; 0 before the first. */
  readonly epoch: number;
  readonly epochs: number | null;
  /** Optimizer steps done, absolute. */
  readonly step: number;
  readonly totalSteps: number | null;
  /** Newest training loss; null before the first, and if it is NaN or infinite. */
  readonly loss: number | null;
  /** Newest value of each metric by name. */
  readonly metrics: Readonly<Record<string, MetricNumber>>;
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
  /** Missing if it is the one that the name of the metric says. */
  readonly goal?: Goal;
}

/** How a stop ended. */
export interface StopOutcome {
  /** Why the server stopped the job without being asked; null if a user requested it, or a limit of the job did. */
  readonly reason: string | null;
  /** Whether the trainer ended on its own, for example after it saved a checkpoint. */
  readonly graceful: boolean;
  /** Time from the request to the kill, seconds; null if this runner did not kill it. */
  readonly killedAfterSeconds: number | null;
}

/** A status with the time it was reached, Unix ms, and the numbers of that moment. */
export interface Transition {
  readonly status: JobStatus;
  readonly at: number;
  readonly progress: Progress;
}

/** Any JSON object. */
export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Identifies one attempt to the launcher that runs it. Opaque to everything else: only that launcher reads it. JSON, so that it can
 * be recorded before the launch and understood by the next server.
 */
export type Handle = JsonObject & { readonly launcher: string };

/** A job at one moment. Immutable: each change creates a new object. */
export interface Job {
  readonly id: string;
  readonly request: TrainingRequest;
  /** Unix ms. */
  readonly createdAt: number;
  /** Name of the user; null if the server had no tokens. */
  readonly startedBy: string | null;
  readonly attempt: number;
  /** Orders the waiting jobs of one priority: a lower place starts first. */
  readonly place: number;
  /** The dependencies that are not met yet, by job id. One that was met stays met. */
  readonly unmet: readonly string[];
  readonly state: JobState;
  readonly health: Health;
  readonly progress: Progress;
  /** Every status so far, all attempts, oldest first; never empty. */
  readonly transitions: readonly Transition[];
  /** Version of the newest status file that was read; orders {@link progress}. */
  readonly sequence: number;
  /** True when no model is trained: the numbers are simulated. */
  readonly simulation: boolean;
  readonly device: string | null;
  readonly host: string | null;
  /**
   * The launched attempt; null until it is launched. Recorded before the launch, so that a job with a handle may have processes,
   * even while its status is still QUEUED.
   */
  readonly handle: Handle | null;
  /** Path relative to the home; null until a complete one exists. */
  readonly checkpoint: string | null;
  /**
   * Whether the runner finds `checkpoint` in the output folder, because the script reads one and has reported none; null if it has not looked:
   * before the end of the first attempt, and for jobs of earlier versions.
   */
  readonly findsCheckpoint: boolean | null;
  /** User notes, Markdown; may be empty. */
  readonly notes: string;
  /** The best value of each metric so far, all attempts. */
  readonly best: Readonly<Record<string, BestValue>>;
  /** The main metric, which is used to compare jobs; null before the first. */
  readonly score: Score | null;
  /** Automatic retries since a user last started or resumed the job. */
  readonly retries: number;
  /** When the next automatic retry is due, Unix ms; null when none is. */
  readonly retryAt: number | null;
  /** When this attempt was killed because it had not ended at the deadline of its stop, Unix ms; null if it was not. */
  readonly killedAt: number | null;
  /** How the stop of this attempt ended; null while no stop was requested, or while the stop is in progress. */
  readonly stop: StopOutcome | null;
  /** Peak memory of its newest ended attempt, bytes: see PROTOCOL.md, Exit; null if it was not measured. */
  readonly peakMemoryBytes: number | null;
}

/** When the attempt started, Unix ms; null before. */
export function startedAtOf(job: Job): number | null {
  return 'startedAt' in job.state ? job.state.startedAt : null;
}
