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
  'PREEMPTED',
  'NODE_FAIL',
] as const;
export type FailureReason = (typeof FAILURE_REASONS)[number];

/** Why a workload manager such as Slurm ended an attempt. */
export type EngineReason = Extract<FailureReason, 'PREEMPTED' | 'NODE_FAIL' | 'TIME_LIMIT' | 'OUT_OF_MEMORY'>;

/** Why a job ended in ERROR. */
export interface JobFailure {
  readonly reason: FailureReason;
  /** A sentence that a person can act on. */
  readonly message: string;
  readonly exitCode: number | null;
  /** For example `SIGKILL`. */
  readonly signal: string | null;
  /** Peak memory of the training, bytes: see PROTOCOL.md, Exit; null if it was not measured. */
  readonly peakMemoryBytes: number | null;
  /** The last lines that the process printed, oldest first, at most 20. */
  readonly lastLogLines: readonly string[];
}
