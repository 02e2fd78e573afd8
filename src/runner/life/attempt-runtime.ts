import type { ProcessIdentity } from '../job/job.ts';
import type { SupervisorExit } from '../launchers/local/supervisor.ts';

/** What this server knows of a job that has not ended, beyond what is recorded. Gone with the server, and no loss. */
export interface LiveJob {
  readonly id: string;
  /** The process of this attempt may exist: from just before the spawn until it is proven dead. */
  launched: boolean;
  /** Monotonic ms of the launch by this server. */
  launchedAt: number;
  /** Monotonic ms since which this attempt runs, also under an earlier server. */
  runningSince: number;
  /** Monotonic ms at which a stop becomes a kill. Not the wall clock, which may be stepped. */
  killAt: number | undefined;
  /** The process that received SIGTERM for the stop under way. */
  toldToStop: ProcessIdentity | undefined;
  /** Monotonic ms since which the last files of the dead job are to be read, and cannot be. */
  lastWordSince: number | undefined;
  /** Monotonic ms at which the job was last heard of. */
  heardAt: number;
  /** Monotonic ms at which its launch by this server began; undefined once it has reported, or when it was adopted. */
  unreportedSince: number | undefined;
  /** The supervisor that this server spawned, until its identity is known from the status file. */
  child: ProcessIdentity | undefined;
  /** How that supervisor ended, once it has. */
  childExit: SupervisorExit | undefined;
  /** Inode, time and size of the status file that was read last: the same file is not read twice. */
  statusStamp: string;
  /** What was wrong with the status file, so that it is logged once and not each second. */
  complaint: string | undefined;
  deadlineTimer: NodeJS.Timeout | undefined;
  /** Runs `work` after all earlier work of this job: its steps never overlap. */
  turn<Result>(work: () => Promise<Result>): Promise<Result>;
  /** Whether a look at the job is already waiting for its turn, and whether it is to prove life. */
  lookPending: boolean;
  lookForDeath: boolean;
  /** Whether the file system told of something new since the last look. */
  wasWatched: boolean;
}

export function createLiveJob(id: string, launched: boolean): LiveJob {
  let last: Promise<unknown> = Promise.resolve();
  return {
    id,
    launched,
    launchedAt: performance.now(),
    runningSince: performance.now(),
    killAt: undefined,
    toldToStop: undefined,
    lastWordSince: undefined,
    heardAt: performance.now(),
    unreportedSince: undefined,
    child: undefined,
    childExit: undefined,
    statusStamp: '',
    complaint: undefined,
    deadlineTimer: undefined,
    turn(work) {
      const result = last.then(work);
      last = result.catch(() => undefined);
      return result;
    },
    lookPending: false,
    lookForDeath: false,
    wasWatched: false,
  };
}
