import type { EngineReason, FailureReason } from './failure.ts';
import type { Goals } from './metric-direction.ts';
import type { MetricNumber } from './metric-number.ts';
import type { ReportedScore } from './score.ts';
import type { JobStatus } from './status.ts';

/** A metric's lowest or highest value in an attempt. */
export interface MetricPoint {
  readonly value: number;
  readonly step: number;
  /** Unix ms. */
  readonly at: number;
}

/** A status report of a trainer or its supervisor: the content of a status file. Times are Unix milliseconds. */
export interface StatusReport {
  readonly attempt: number;
  /** Grows with each report of a job, across attempts. */
  readonly sequence: number;
  readonly status: JobStatus;
  /** 0-100. */
  readonly percent: number;
  readonly epoch: number;
  readonly epochs: number | null;
  readonly step: number;
  /** Step of the first report of this attempt. */
  readonly firstStep: number | null;
  readonly totalSteps: number | null;
  readonly loss: number | null;
  readonly metrics: Readonly<Record<string, MetricNumber>>;
  /** Lowest and highest value of each metric in this attempt; empty if the trainer does not track them. */
  readonly extremes: Readonly<Record<string, { readonly min: MetricPoint; readonly max: MetricPoint }>>;
  /** The directions of metrics that the trainer has defined. */
  readonly goals: Goals;
  /** The score that the trainer reports itself; null if it reports none. */
  readonly score: ReportedScore | null;
  readonly message: string | null;
  readonly checkpoint: string | null;
  /** Whether the trainer can continue from a checkpoint that it has not reported; null if an earlier version wrote the report. */
  readonly readsCheckpoint: boolean | null;
  readonly samplesPerSecond: number | null;
  readonly etaSeconds: number | null;
  readonly startedAt: number | null;
  readonly updatedAt: number;
  /** The statuses of this attempt, oldest first. */
  readonly transitions: readonly { readonly status: JobStatus; readonly at: number }[];
  readonly simulation: boolean;
  readonly host: string | null;
  readonly device: string | null;
  /** The processes of the attempt, for its launcher to recognise. */
  readonly processes: ReportedProcesses;
  /** The error that the trainer reports with status ERROR. */
  readonly error: { readonly reason: FailureReason; readonly message: string } | null;
}

/** The identities of an attempt's processes, as they stand in its status file. */
export interface ReportedProcesses {
  readonly supervisor: ProcessIdentity | null;
  readonly trainer: ProcessIdentity | null;
}

/** Identifies one process on one boot of one machine: a pid alone may be reused. See PROTOCOL.md. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startTime: string;
  readonly bootId: string;
}

/** The end of an attempt according to its last status report: its terminal status is the trainer's claim. */
export type Claim = Pick<StatusReport, 'attempt' | 'status'> & Partial<Pick<StatusReport, 'error' | 'startedAt'>>;

/** How an attempt ended, as its supervisor recorded it: the content of an exit file. Times are Unix milliseconds. */
export interface ExitReport {
  readonly attempt: number;
  readonly exitCode: number | null;
  /** For example `SIGKILL`. */
  readonly signal: string | null;
  readonly finishedAt: number;
  readonly peakMemoryBytes: number | null;
  /** Whether the kernel killed the trainer because memory ran out. */
  readonly outOfMemory: boolean;
  /** Why the trainer could not be started; null if it was. */
  readonly spawnError: string | null;
}

/** Why an attempt is known to have no live process. */
export type DeathCause =
  /** Its exit record says so. */
  | { readonly kind: 'EXITED' }
  /** Its processes are gone and there is no exit record; `rebooted` if the machine was restarted since. */
  | { readonly kind: 'GONE'; readonly rebooted: boolean }
  /** It could not be started. The message is a sentence for people. */
  | { readonly kind: 'SPAWN_FAILED'; readonly message: string };

/** Proof that no process of an attempt is alive. */
export interface Death {
  /** The exit record; null if there is none. */
  readonly dead: ExitReport | null;
  readonly cause: DeathCause;
  /** Why the workload manager ended the attempt; missing if it did not. */
  readonly engine?: EngineReason;
}
