import { nextAttempt } from '../job/next-attempt.ts';
import { resolveDataset } from '../datasets/find.ts';
import {
  InvalidInputError,
  JobNotEndedError,
  JobNotFoundError,
  QueueFullError,
  TrainerUnavailableError,
} from '../job/errors.ts';
import type { Home } from '../home.ts';
import { isTerminal, type Job } from '../job/job.ts';
import type { Jobs } from '../store/job-store.ts';
import type { Logger } from '../logger.ts';
import type { TrainerDescription } from '../runner.ts';
import { unavailability } from './start-input.ts';

/** New attempts of jobs that have ended: because somebody resumes them, or because their retry policy says so. */
export interface Attempts {
  /** See `Runner.resume`. */
  resume(id: string, epochs: number | null | undefined): Promise<Job>;
  /** Sees to it that a job with a `retryAt` is retried then. */
  schedule(job: Job): void;
  /** Takes a job's retry back. @returns whether there was one */
  cancel(id: string): boolean;
  close(): void;
}

export interface AttemptsSettings {
  readonly home: Home;
  readonly jobs: Jobs;
  readonly trainers: () => Promise<readonly TrainerDescription[]>;
  readonly enqueue: (job: Job) => void;
  readonly isFull: () => boolean;
  readonly limit: number;
  readonly logger: Logger;
}

/** Node's timers hold no more than this, ms. */
const MAX_TIMER_MS = 2 ** 31 - 1;
/** How soon a retry that could not be recorded is tried again, ms. */
const TROUBLE_WAIT_MS = 1000;

export function createAttempts(settings: AttemptsSettings): Attempts {
  const { home, jobs, trainers, enqueue, isFull, limit, logger } = settings;
  const timers = new Map<string, NodeJS.Timeout>();

  function ended(id: string): Job {
    const job = jobs.list.get(id);
    if (!job) throw new JobNotFoundError(id);
    if (!isTerminal(job.state.status)) throw new JobNotEndedError(id, job.state.status);
    return job;
  }

  function begin(job: Job, epochs: number, retries: number): Job {
    const next = nextAttempt(job, epochs, retries, Date.now());
    jobs.begin(next);
    // Only now: what cannot be recorded has not happened, and a retry that was due still is.
    forgetTimer(job.id);
    enqueue(next);
    return next;
  }

  function forgetTimer(id: string): void {
    clearTimeout(timers.get(id));
    timers.delete(id);
  }

  function retryIn({ id, retryAt }: Job, waitMs: number): void {
    const retry = () => {
      const now = jobs.list.get(id);
      if (now?.retryAt !== retryAt) return;
      try {
        // It was due and accepted at its start: a full queue does not refuse it.
        begin(now, now.request.epochs, now.retries + 1);
      } catch (error) {
        // A full disk, say. Nobody else would hear of it: thrown from here, it would end the process.
        logger.error({ err: error, jobId: id }, 'cannot retry a job; trying again');
        retryIn(now, TROUBLE_WAIT_MS);
      }
    };
    timers.set(id, setTimeout(retry, Math.min(waitMs, MAX_TIMER_MS)));
  }

  return {
    async resume(id, epochs) {
      const { request } = ended(id);
      await resolveDataset(home, request.dataset);
      const reason = unavailability(request.trainer, request.backend, await trainers());
      if (reason !== null) throw new TrainerUnavailableError(request.trainer, reason);
      // Looked at again: meanwhile somebody else may have resumed it. From here on nothing awaits.
      const job = ended(id);
      if (isFull()) throw new QueueFullError(limit);
      return begin(job, epochsFor(job, epochs), 0);
    },
    schedule(job) {
      if (job.retryAt !== null) retryIn(job, Math.max(0, job.retryAt - Date.now()));
    },
    cancel(id) {
      const job = jobs.list.get(id);
      if (job?.retryAt == null) return false;
      jobs.replace({ ...job, retryAt: null });
      forgetTimer(id);
      return true;
    },
    close() {
      for (const timer of timers.values()) clearTimeout(timer);
    },
  };
}

/** How many epochs the new attempt is to reach in all. */
function epochsFor(job: Job, asked: number | null | undefined): number {
  const epochs = asked ?? job.request.epochs;
  const completed = job.state.status === 'COMPLETED';
  const done = completed ? job.progress.epoch : Math.max(0, job.progress.epoch - 1);
  if (!Number.isInteger(epochs) || epochs < 1 || epochs > 1_000_000) {
    throw new InvalidInputError(`epochs is a whole number from 1 to 1000000; it was ${epochs}.`, ['input', 'epochs']);
  }
  if (epochs <= done) {
    const message = `This job has done ${done} of its ${job.request.epochs} epochs. To go on it needs more: epochs counts all, those done included.`;
    throw new InvalidInputError(message, ['input', 'epochs']);
  }
  return epochs;
}
