import { lstat } from 'node:fs/promises';
import { retryTime } from '../job/next-attempt.ts';
import { conclude, type ProofOfDeath } from '../job/outcome.ts';
import { specFileOf, statusFileOf } from '../reports/job-files.ts';
import { replaceFile } from '../reports/replace-file.ts';
import { findDeath } from './check-termination.ts';
import { readLog } from '../history/log.ts';
import type { Home } from '../home.ts';
import { isTerminal, type Job, type StopCause } from '../job/job.ts';
import { createJobFileReader } from '../reports/job-file-reader.ts';
import type { Jobs } from '../store/job-store.ts';
import type { LiveJob } from './attempt-runtime.ts';
import type { Logger } from '../logger.ts';
import type { RunnerObserver, StatusTaken } from '../telemetry.ts';
import { observe, progressOf, startedAtOf } from '../job/apply-status.ts';
import { findAnyProcess, identityOf } from '../launchers/local/identity.ts';
import { signalProcess } from '../launchers/local/signal.ts';
import { ALREADY_SUPERVISED, spawnSupervisor } from '../launchers/local/supervisor.ts';
import type { Python } from '../python/interpreter.ts';
import type { JobRecord } from '../store/job-record.ts';
import { createStopping } from './termination.ts';
import { transition } from '../job/transition.ts';

const LAST_LOG_LINES = 20;
/** What a job that has come to a limit gets to save a checkpoint, ms. */
const LIMIT_GRACE_MS = 30_000;

/** The steps of one job's life. Each runs in the job's own turn (see {@link LiveJob.turn}), so none overlaps another. */
export interface Life {
  /** Starts the process of a queued job, with these GPUs to itself. */
  launch(live: LiveJob, gpuDevices: readonly string[]): Promise<void>;
  /**
   * Brings the record up to what the files say; with `forDeath`, also to what the processes say.
   * @param foundBy what made it look
   */
  look(live: LiveJob, forDeath: boolean, foundBy: StatusTaken['foundBy']): Promise<void>;
  /** Records the wish to stop, and asks the process. A queued job ends at once. */
  stop(live: LiveJob, graceMs: number, cause: StopCause): Promise<void>;
  /** Takes up what the last server left running: its limits count from its start, and a stop is asked for again. */
  adopt(live: LiveJob): Promise<void>;
}

export interface LifeSettings {
  readonly home: Home;
  readonly python: Python;
  readonly bootId: string;
  readonly record: JobRecord;
  readonly jobs: Jobs;
  readonly logger: Logger;
  readonly observer: Required<RunnerObserver>;
  /** Since when status files are watched, Unix ms. */
  readonly openedAt: number;
  /** How long a launched job may take to give a sign of life, ms. */
  readonly startTimeoutMs: number;
  /** A job that reports nothing for so long is STALLED, ms. */
  readonly stalledAfterMs: number;
  /** Asks for a {@link Life.look} soon. */
  readonly touch: (jobId: string, forDeath: boolean) => void;
  /** Called when a job has reached a terminal status. */
  readonly onEnd: (live: LiveJob) => void;
}

export function createLife(settings: LifeSettings): Life {
  const { home, python, bootId, record, jobs, logger, observer, openedAt } = settings;
  const { startTimeoutMs, stalledAfterMs, touch, onEnd } = settings;

  const { readStatus, readClaim, readExit } = createJobFileReader(home, logger, observer);
  const stopping = createStopping({ bootId, jobs, logger, touch, writeStatus, onEnd });

  function current(live: LiveJob): Job | undefined {
    const job = jobs.list.get(live.id);
    return job && !isTerminal(job.state.status) ? job : undefined;
  }

  async function end(live: LiveJob, job: Job, proof: ProofOfDeath): Promise<void> {
    // Nobody writes it any more, so this is the last word of the attempt.
    const file = await readStatus(live, true);
    const mine = file?.attempt === job.attempt ? file : undefined;
    const seen = mine ? observe(job, mine) : job;
    const log = await readLog(home.log(job.id), { last: LAST_LOG_LINES }).catch(() => ({ lines: [] }));
    const now = Date.now();
    const lastLogLines = log.lines.map(({ text }) => text);
    const state = conclude(seen, proof, file ?? (await readClaim(live)), lastLogLines, now);
    const at = 'finishedAt' in state ? state.finishedAt : now;
    const known = mine && mine.sequence >= seen.sequence ? progressOf(seen, mine) : seen.progress;
    // Where only the claim could be read, the numbers are those of an earlier report.
    const numbers = state.status === 'COMPLETED' ? { ...known, percent: 100 } : known;
    const retryAt = retryTime(seen, state, now);
    const ended: Job = { ...transition(seen, state, at, { ...numbers, etaSeconds: null }), retryAt };
    if (mine?.status === state.status) {
      jobs.replace(ended);
    } else {
      const final = { ...ended, sequence: ended.sequence + 1 };
      await writeStatus(final);
      jobs.replace(final);
    }
    clearTimeout(live.deadlineTimer);
    logger.info(
      { jobId: job.id, status: state.status, ...('failure' in state && { failure: state.failure.reason }) },
      'job ended',
    );
    onEnd(live);
  }

  /** For readers of the files; the record does not depend on it. */
  async function writeStatus(job: Job): Promise<void> {
    try {
      await replaceFile(home, home.status(job.id), statusFileOf(job), true);
    } catch (error) {
      logger.error({ err: error, jobId: job.id }, 'cannot write the status file');
    }
  }

  /** Writes and records what has to be there before the process is. */
  async function prepare(live: LiveJob, job: Job): Promise<void> {
    // Also written at submit; again here for the case that the last server was killed before it got to that. Never replaced:
    // its supervisor locks this very file.
    await lstat(home.spec(job.id)).catch(() => replaceFile(home, home.spec(job.id), specFileOf(job), true));
    // The trainer of a later attempt learns from it how many epochs there are to be now. That of the first counts on from what
    // was written at submit; without it, what it says first would not be newer than what is known.
    const isWritten = job.attempt === 1 && (await lstat(home.status(job.id)).catch(() => null)) !== null;
    if (!isWritten) await replaceFile(home, home.status(job.id), statusFileOf(job), true);
    record.markLaunched(job);
    live.launched = true;
    live.launchedAt = performance.now();
    live.heardAt = live.launchedAt;
    live.runningSince = live.launchedAt;
    jobs.replace(job);
  }

  /** @returns whether there is a process */
  async function spawn(live: LiveJob, job: Job): Promise<boolean> {
    live.childExit = undefined;
    // Without leases the environment stays as it is: a user's own CUDA_VISIBLE_DEVICES goes through.
    const environment = job.request.gpus === null ? {} : { CUDA_VISIBLE_DEVICES: job.gpuDevices.join(',') };
    const pid = await spawnSupervisor(python, home, job.id, job.attempt, environment, (exit) => {
      live.childExit = exit;
      touch(live.id, true);
    });
    live.child = pid === undefined ? undefined : await identityOf(pid, bootId);
    return pid !== undefined;
  }

  return {
    async launch(live, gpuDevices) {
      const waiting = current(live);
      if (waiting?.state.status !== 'QUEUED' || live.launched) return;
      const job = { ...waiting, gpuDevices };
      live.unreportedSince = performance.now();
      const launched = observer.launching(job);
      try {
        await prepare(live, job);
        launched((await spawn(live, job)) ? undefined : new Error('The supervisor could not be started.'));
      } catch (error) {
        launched(error instanceof Error ? error : new Error(String(error)));
        throw error;
      }
    },

    async look(live, forDeath, foundBy) {
      const job = current(live);
      if (!job || !live.launched) return;
      // The exit file first: when it is there, the status file read after it is the last one.
      let proof = await readExit(live, job);
      const file = await readStatus(live, false);
      const seen = file ? observe(job, file) : job;
      if (seen !== job) {
        live.heardAt = performance.now();
        jobs.replace(seen);
        tell(live, job, seen, foundBy);
      }
      if (!proof && forDeath) {
        proof = await findDeath(seen, live, bootId);
        // Death by identity is only the second-best proof: the exit file may have been written in this very moment.
        if (proof) proof = (await readExit(live, seen, true)) ?? proof;
      }
      if (proof) return end(live, seen, proof);
      if (live.killAt !== undefined && performance.now() >= live.killAt) {
        return stopping.kill(live, seen, performance.now() - live.killAt);
      }
      await stopping.signalAgain(live, seen);
      if (!forDeath) return;
      await checkStart(live, seen);
      checkHealth(live, seen);
      const limit = exceededLimit(live, seen);
      if (limit) await stopping.stop(live, seen, LIMIT_GRACE_MS, limit);
    },

    async stop(live, graceMs, cause) {
      const job = current(live);
      if (job) await stopping.stop(live, job, graceMs, cause);
    },

    async adopt(live) {
      const job = current(live);
      if (!job) return;
      live.runningSince -= Math.max(0, Date.now() - (startedAtOf(job) ?? Date.now()));
      await stopping.resume(live, job);
    },
  };

  function tell(live: LiveJob, before: Job, { sequence, progress }: Job, foundBy: StatusTaken['foundBy']): void {
    const { updatedAt } = progress;
    const delayMs = updatedAt < openedAt ? null : Math.max(0, Date.now() - updatedAt);
    observer.statusTaken({ delayMs, foundBy, unread: sequence - before.sequence - 1 });
    if (live.unreportedSince !== undefined) observer.jobReported(before, performance.now() - live.unreportedSince);
    live.unreportedSince = undefined;
  }

  async function checkStart(live: LiveJob, job: Job): Promise<void> {
    const tooLong = performance.now() - Math.max(live.launchedAt, live.heardAt) > startTimeoutMs;
    if (job.supervisor) {
      if (tooLong && job.state.status === 'STARTING') await stopping.stop(live, job, 0, 'START_TIMEOUT');
    } else if (tooLong) {
      if (live.child) await signalProcess(live.child, 'SIGKILL', bootId);
      // Also one that an earlier server spawned. Only when none is left has the job ended; the next sweep looks again.
      const other = await findAnyProcess(job.id, bootId);
      if (other && other !== 'UNKNOWN') await signalProcess(other, 'SIGKILL', bootId);
      if (other) return;
      const message = `Python gave no sign of life within ${startTimeoutMs / 1000} seconds of its start. Is it a working interpreter?`;
      await end(live, job, { kind: 'NEVER_STARTED', reason: 'START_TIMEOUT', message });
    } else if (live.childExit?.code === ALREADY_SUPERVISED || (!live.child && !live.childExit)) {
      // A supervisor of the last server has the lock. Either it speaks up soon, or it died since and the lock is free.
      await spawn(live, job);
    }
  }

  function checkHealth(live: LiveJob, job: Job): void {
    const silent = performance.now() - live.heardAt > stalledAfterMs;
    if (silent && job.health === 'OK' && job.state.status !== 'STOPPING') jobs.replace({ ...job, health: 'STALLED' });
  }
}

/** The limit that a job has gone beyond, if any. A job that is already stopping is not asked again. */
function exceededLimit(live: LiveJob, { state, request }: Job): StopCause | undefined {
  if (state.status === 'STOPPING' || state.status === 'QUEUED') return undefined;
  const now = performance.now();
  const { timeLimitSeconds, stallLimitSeconds } = request;
  if (timeLimitSeconds !== null && now - live.runningSince > timeLimitSeconds * 1000) return 'TIME_LIMIT';
  if (stallLimitSeconds !== null && now - live.heardAt > stallLimitSeconds * 1000) return 'STALL_LIMIT';
  return undefined;
}
