import { lstat } from 'node:fs/promises';
import type { Home } from '../../home.ts';
import type { Inspection } from '../../job/decide.ts';
import type { EngineReason } from '../../job/failure.ts';
import type { Death, DeathCause, ExitReport } from '../../job/reports.ts';
import type { Logger } from '../../logger.ts';
import type { SlurmCommands } from './commands.ts';
import type { SlurmHandle } from './handle.ts';
import { newestOf, type SlurmAttempt } from './slurm-attempt.ts';
import { engineReasonOf, hasEnded, isRequeued, isWaiting, type SlurmJob } from './slurm-job.ts';

/** Exit code of a batch step whose supervisor found another one of the same job alive. */
const ALREADY_SUPERVISED = 75;
/** Time after which an attempt is submitted again that found another one alive, ms. */
const SUPERVISED_WAIT_MS = 15_000;
/** States of jobs whose batch step was killed, so that no exit record will come. */
const KILLED = new Set(['CANCELLED', 'PREEMPTED', 'NODE_FAIL', 'BOOT_FAIL', 'TIMEOUT', 'DEADLINE', 'OUT_OF_MEMORY']);

/** Slurm's knowledge of an attempt. */
export interface Found {
  readonly jobs: readonly SlurmJob[];
  /** When Slurm was asked, monotonic ms. */
  readonly askedAt: number;
}

/** Decides what Slurm's answer proves about an attempt. */
export interface Judge {
  inspect(handle: SlurmHandle, attempt: SlurmAttempt, found: Found): Promise<Inspection>;
  /** The job ended because another process of the attempt was alive: it may be submitted again. */
  hadNothingToDo(job: SlurmJob): boolean;
  /** Why Slurm ended a job; null if it did not. Takes one that was requeued out of the queue. */
  explain(job: SlurmJob): Promise<EngineReason | null>;
  engineReasonInAccounting(handle: SlurmHandle): Promise<EngineReason | null>;
}

export interface JudgeSettings {
  readonly home: Home;
  readonly commands: Pick<SlurmCommands, 'cancel' | 'stateInAccounting'>;
  readonly readExit: (jobId: string, attempt: number) => Promise<ExitReport | null>;
  readonly visibleAfterMs: number;
  readonly silentAfterMs: number;
  readonly logger: Logger;
}

export function createJudge({ home, commands, readExit, visibleAfterMs, silentAfterMs, logger }: JudgeSettings): Judge {
  const hadNothingToDo = (job: SlurmJob) => job.state === 'FAILED' && job.exitCode === ALREADY_SUPERVISED;

  /** Whether the files of an attempt have not changed for a while, as seen here: clocks of nodes may differ. */
  async function isSilent({ jobId }: SlurmHandle, attempt: SlurmAttempt): Promise<boolean> {
    const paths = [home.status(jobId), home.metricsOf(jobId), home.log(jobId)];
    const stamps = paths.map((path) =>
      lstat(path, { bigint: true }).then(
        ({ ino, size, mtimeNs }) => `${ino}:${size}:${mtimeNs}`,
        () => '',
      ),
    );
    const stamp = (await Promise.all(stamps)).join(' ');
    if (attempt.files?.stamp !== stamp) attempt.files = { stamp, at: performance.now() };
    return performance.now() - attempt.files.at >= Math.max(silentAfterMs, visibleAfterMs);
  }

  async function deathOf(handle: SlurmHandle, cause: DeathCause, engine: EngineReason | null): Promise<Death> {
    const exit = await readExit(handle.jobId, handle.attempt);
    const because = engine === null ? {} : { engine };
    return exit ? { dead: exit, cause: { kind: 'EXITED' }, ...because } : { dead: null, cause, ...because };
  }

  async function judgeEnded(handle: SlurmHandle, attempt: SlurmAttempt, job: SlurmJob): Promise<Inspection> {
    attempt.endedSince ??= performance.now();
    const sinceMs = performance.now() - attempt.endedSince;
    const engine = await explain(job);
    if (hadNothingToDo(job)) {
      const submittedAt = attempt.submitted?.at ?? -Infinity;
      return performance.now() - submittedAt > SUPERVISED_WAIT_MS ? 'NOT_LAUNCHED' : 'ALIVE';
    }
    const cause: DeathCause =
      handle.supervisor === null && engine === null
        ? { kind: 'SPAWN_FAILED', message: describeFailedStart(job) }
        : { kind: 'GONE', rebooted: false };
    const death = await deathOf(handle, cause, engine);
    if (death.dead) return death;
    // A node that does not answer to Slurm may still train, and write. Nothing can end that from here, and it may well complete.
    if (engine === 'NODE_FAIL' && handle.supervisor !== null) {
      return (await isSilent(handle, attempt)) ? death : 'ALIVE';
    }
    // The exit record was written before the batch step ended, but may not be visible here yet.
    const isKilled = KILLED.has(job.state) || job.restarts > 0;
    return sinceMs >= (isKilled ? Math.min(visibleAfterMs, 5_000) : visibleAfterMs) ? death : 'UNKNOWN';
  }

  async function explain(job: SlurmJob): Promise<EngineReason | null> {
    if (isRequeued(job)) {
      // If this fails, the batch step still ends at once when it runs again.
      await commands.cancel(job.id, 'WAITING').catch((error: unknown) => {
        logger.warn({ err: error }, 'cannot cancel a job that Slurm has requeued');
      });
    }
    return engineReasonOf(job);
  }

  /** Slurm does not know the attempt: it was never submitted, or it ended more than `MinJobAge` ago. */
  async function judgeUnknown(handle: SlurmHandle, attempt: SlurmAttempt): Promise<Inspection> {
    const exit = await readExit(handle.jobId, handle.attempt);
    if (exit) return { dead: exit, cause: { kind: 'EXITED' } };
    // Without an accounting database, an attempt that has reported nothing and is in no queue has not run: it is submitted.
    if (handle.supervisor === null && (await commands.stateInAccounting(handle.name)) === null) return 'NOT_LAUNCHED';
    if (!(await isSilent(handle, attempt))) return 'ALIVE';
    logger.warn({ jobId: handle.jobId }, 'Slurm does not know a job any more, and its files do not change');
    return deathOf(handle, { kind: 'GONE', rebooted: false }, await engineReasonInAccounting(handle));
  }

  async function engineReasonInAccounting({ name }: SlurmHandle): Promise<EngineReason | null> {
    const state = await commands.stateInAccounting(name);
    return state === null ? null : engineReasonOf({ ...UNKNOWN_JOB, state });
  }

  return {
    inspect(handle, attempt, found) {
      const job = newestOf(found.jobs);
      if (!job) {
        // It was submitted after this answer.
        if (attempt.submitted && attempt.submitted.at > found.askedAt) return Promise.resolve(livenessOf(handle));
        return judgeUnknown(handle, attempt);
      }
      if (hasEnded(job)) return judgeEnded(handle, attempt, job);
      attempt.endedSince = undefined;
      return Promise.resolve(isWaiting(job) ? livenessOf(handle) : 'ALIVE');
    },
    hadNothingToDo,
    explain,
    engineReasonInAccounting,
  };
}

/** Of an attempt that was in the queue when Slurm was asked: a report since then is proof that it has started. */
function livenessOf({ supervisor }: SlurmHandle): 'WAITING' | 'ALIVE' {
  return supervisor === null ? 'WAITING' : 'ALIVE';
}

const UNKNOWN_JOB: SlurmJob = {
  id: 0,
  name: '',
  state: '',
  reason: '',
  exitCode: 0,
  restarts: 0,
  elapsedSeconds: 0,
  limitSeconds: null,
  nodes: '',
};

function describeFailedStart({ id, state, exitCode, nodes }: SlurmJob): string {
  const on = nodes === '' ? '' : ` on ${nodes}`;
  if (state === 'CANCELLED') return `Slurm job ${id} was cancelled before it started.`;
  const how = exitCode === 0 ? state : `exit code ${exitCode}`;
  return `Slurm job ${id} ended${on} with ${how} before it could start the trainer. See the job's log, and check that the home folder and TRAINYARD_PYTHON exist on that node.`;
}
