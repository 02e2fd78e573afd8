import type { Inspection } from '../job/decide.ts';
import type { EngineReason } from '../job/failure.ts';
import type { ReportedProcesses } from '../job/reports.ts';
import type { TrainingRequest } from '../job/request.ts';
import type { Handle } from '../job/types.ts';

/** The launchers. `local`: processes of this machine; `slurm`: jobs of a Slurm cluster. */
export const LAUNCHERS = ['local', 'slurm'] as const;
export type LauncherName = (typeof LAUNCHERS)[number];

/** The number of attempts that can run at once. `EXTERNAL`: the engine has a queue of its own, which accepts every attempt. */
export type Capacity = { readonly slots: number; readonly gpus: number } | 'EXTERNAL';

/** One attempt of a job, before it has a handle. */
export interface AttemptId {
  readonly jobId: string;
  readonly attempt: number;
  /** Number of GPUs to lease; null to leave the environment as it is. */
  readonly gpus: number | null;
}

/** The parts of a handle that people and status files are shown. */
export interface AttemptDescription {
  /** Process id of the trainer on its host; null if unknown. */
  readonly pid: number | null;
  /** The leased GPUs, as CUDA_VISIBLE_DEVICES names them. */
  readonly gpuDevices: readonly string[];
  readonly processes: ReportedProcesses;
}

/**
 * Runs attempts on some kind of machine and can say whether they live. Everything that is specific to that kind is in the launcher's
 * folder. Each method may be called at any time, by several servers one after the other, and again after a failure.
 * test/runner/launchers/contract.ts is the contract as tests.
 */
export interface Launcher {
  /**
   * Maximum time until a file that an attempt has written is visible here, ms: until then, an exit record can be visible before the
   * status file that was written earlier. Without it, files are visible at once.
   */
  readonly visibleAfterMs?: number;
  capacity(): Promise<Capacity>;
  /**
   * Creates the handle of an attempt, which is recorded before the launch. Deterministic: the same arguments give the same handle.
   * @param others the handles of all other attempts that may be running: their GPUs are not leased again
   * @throws if the GPUs are not free
   */
  prepare(attempt: AttemptId, others: readonly Handle[]): Handle;
  /** Adds to a handle what a status report says about its processes. Pure. */
  recognize(handle: Handle, processes: ReportedProcesses): Handle;
  /** Pure. */
  describe(handle: Handle): AttemptDescription;
  /**
   * Starts the attempt. Idempotent: the attempt runs once, however often it is launched, also by another server.
   * @throws if it could not be started; {@link inspect} then says whether to try again
   */
  launch(handle: Handle, request: TrainingRequest): Promise<void>;
  /** Checks whether any process of the attempt is alive. Also kills processes that a dead trainer left behind. */
  inspect(handle: Handle): Promise<Inspection>;
  /**
   * Why a workload manager ended an attempt that has an exit record; null if it did not. `UNKNOWN` if it cannot say at the moment.
   * Without this method, none has.
   */
  engineReason?(handle: Handle): Promise<EngineReason | null | 'UNKNOWN'>;
  /** The reason why an attempt waits in the queue of a workload manager, as a sentence; null if it does not wait. */
  waitingFor?(handle: Handle): string | null;
  /** Asks the trainer to save a checkpoint and exit. Repeated calls deliver one request. */
  requestStop(handle: Handle): Promise<void>;
  /** Kills everything that belongs to the attempt. Called repeatedly until {@link inspect} finds it dead. */
  kill(handle: Handle): Promise<void>;
  /** Frees the memory that is held for an attempt that has ended. */
  release(handle: Handle): void;
  /** Calls `wake` when an attempt may have ended. A hint only: without it, the next sweep detects the end. */
  watch?(wake: (jobId: string) => void): Disposable;
}
