import type { Job, JobState, StopCause } from '../job/job.ts';
import type { Jobs } from '../store/job-store.ts';
import type { LiveJob } from './attempt-runtime.ts';
import type { Logger } from '../logger.ts';
import { startedAtOf } from '../job/apply-status.ts';
import { findTrainer, isSame, livenessOf } from '../launchers/local/identity.ts';
import { killGroup, signalProcess } from '../launchers/local/signal.ts';
import { transition } from '../job/transition.ts';

/** How long after SIGKILL to the trainer its supervisor may take to write the exit file, ms. */
const SUPERVISOR_GRACE_MS = 5_000;
/** Node's timers hold no more; the sweep looks again after that. */
const MAX_TIMER_MS = 2 ** 31 - 2;

/** How a job is brought to its end: asked first, killed at the deadline. */
export interface Stopping {
  /** Records the wish and its deadline, and asks the process. A queued job ends at once. */
  stop(live: LiveJob, job: Job, graceMs: number, cause: StopCause): Promise<void>;
  /** Takes up a stop that the last server was asked for. */
  resume(live: LiveJob, job: Job): Promise<void>;
  /** Sees to it that a stop is heard: when it was asked for nobody may have been there, or to be found. */
  signalAgain(live: LiveJob, job: Job): Promise<void>;
  /** Kills the trainer's group, and the supervisor when that does not end it within `overdueMs` of a few seconds. */
  kill(live: LiveJob, job: Job, overdueMs: number): Promise<void>;
}

export interface StoppingSettings {
  readonly bootId: string;
  readonly jobs: Jobs;
  readonly logger: Logger;
  readonly touch: (jobId: string, forDeath: boolean) => void;
  readonly writeStatus: (job: Job) => Promise<void>;
  readonly onEnd: (live: LiveJob) => void;
}

export function createStopping({ bootId, jobs, logger, touch, writeStatus, onEnd }: StoppingSettings): Stopping {
  return { stop, resume, signalAgain, kill };

  async function stop(live: LiveJob, job: Job, graceMs: number, cause: StopCause): Promise<void> {
    const now = Date.now();
    if (job.state.status === 'QUEUED' && !live.launched) {
      const state: JobState = { status: 'STOPPED', startedAt: null, finishedAt: now };
      const stopped = transition({ ...job, sequence: job.sequence + 1 }, state, now);
      // Recorded first: a status file that said STOPPED of a job that is still recorded as waiting would keep its supervisor
      // from starting it, were this server killed in between.
      jobs.replace(stopped);
      onEnd(live);
      await writeStatus(stopped);
      return;
    }
    const asked = now + graceMs;
    if (job.state.status === 'STOPPING') {
      // Asked again: the earlier deadline counts, so that a second, more urgent stop is heard; and a person's wish goes
      // before a limit.
      const deadline = Math.min(asked, job.state.deadline ?? Infinity);
      jobs.replace({ ...job, state: { ...job.state, deadline, cause: cause === 'USER' ? cause : job.state.cause } });
      armDeadline(live, deadline, now);
    } else {
      jobs.replace(transition(job, { status: 'STOPPING', startedAt: startedAtOf(job), deadline: asked, cause }, now));
      armDeadline(live, asked, now);
    }
    await signal(live, job);
  }

  async function resume(live: LiveJob, job: Job): Promise<void> {
    if (job.state.status !== 'STOPPING' || job.state.deadline === null) return;
    const asked = job.transitions.findLast(({ status }) => status === 'STOPPING')?.at ?? 0;
    armDeadline(live, job.state.deadline, asked);
    // Again, in case the last server died between the record and the signal.
    await signal(live, job);
  }

  /** @param asked when the stop was asked for; its deadline is never further away than it was then, whatever the clock says */
  function armDeadline(live: LiveJob, deadline: number, asked: number): void {
    const left = Math.min(Math.max(0, deadline - Date.now()), Math.max(0, deadline - asked), MAX_TIMER_MS);
    live.killAt = performance.now() + left;
    clearTimeout(live.deadlineTimer);
    live.deadlineTimer = setTimeout(() => touch(live.id, true), left + 1).unref();
  }

  async function signal(live: LiveJob, job: Job): Promise<void> {
    const supervisor = job.supervisor ?? live.child;
    // The supervisor passes it on to the trainer, also to one that it is only about to start.
    if (supervisor && (await signalProcess(supervisor, 'SIGTERM', bootId))) live.toldToStop = supervisor;
    else if (job.process && (await signalProcess(job.process, 'SIGTERM', bootId))) live.toldToStop = job.process;
  }

  async function signalAgain(live: LiveJob, job: Job): Promise<void> {
    if (job.state.status !== 'STOPPING' || job.state.deadline === null) return;
    const told = live.toldToStop;
    if (told && isSame(told, job.process)) return;
    // It may have taken the signal with it: killed before it passed it on, or a second supervisor that had nothing to do.
    if (told && (await livenessOf(told, bootId)) !== 'DEAD') return;
    await signal(live, job);
  }

  async function kill(live: LiveJob, job: Job, overdueMs: number): Promise<void> {
    logger.warn({ jobId: job.id }, 'the trainer did not stop in time and is killed');
    // A trainer that has not said its first word yet is found by its command line.
    const trainer = job.process ?? (await findTrainer(job.id, bootId));
    if (trainer && trainer !== 'UNKNOWN') await killGroup(trainer, bootId);
    if (trainer && overdueMs < SUPERVISOR_GRACE_MS) return;
    // There is no trainer, or its death moved the supervisor to nothing: then that one hangs, or was stopped itself.
    const supervisor = job.supervisor ?? live.child;
    if (supervisor) await signalProcess(supervisor, 'SIGKILL', bootId);
  }
}
