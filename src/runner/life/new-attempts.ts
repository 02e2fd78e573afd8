import { nextAttempt } from '../job/next-attempt.ts';
import { checkDataset } from '../datasets/find.ts';
import {
  InvalidInputError,
  JobNotEndedError,
  JobNotFoundError,
  QueueFullError,
  TrainerUnavailableError,
} from '../job/errors.ts';
import { INPUT_LIMITS, wholeNumberText } from '../job/input-limits.ts';
import type { EventChannel } from '../events.ts';
import type { Home } from '../home.ts';
import { checkDependencies } from '../job/check-dependencies.ts';
import { isTerminal } from '../job/status.ts';
import type { ResumeOptions } from '../job/request.ts';
import type { Job } from '../job/types.ts';
import type { JobStore } from '../store/job-store.ts';
import type { Logger } from '../logger.ts';
import type { StorageLimits } from '../storage/storage-limits.ts';
import type { TrainerDescription } from '../python/trainer-description.ts';
import { unavailability } from './check-trainer.ts';
import { locateCheckpoint } from './locate-checkpoint.ts';

/** New attempts of jobs that have ended: because a user resumes them, or by their retry policy. */
export interface NewAttempts {
  /** See `Runner.resume`. */
  resume(id: string, options: ResumeOptions): Promise<Job>;
  /** Retries a job with a `retryAt` at that time. */
  schedule(job: Job): void;
  /** Cancels the retry of a job. @returns whether there was one */
  cancel(id: string): boolean;
  close(): void;
}

export interface NewAttemptsSettings {
  readonly home: Home;
  readonly storage: Pick<StorageLimits, 'checkSpace'>;
  readonly jobs: JobStore;
  readonly events: EventChannel;
  readonly trainers: () => Promise<readonly TrainerDescription[]>;
  readonly enqueue: (job: Job) => void;
  readonly isFull: () => boolean;
  /** The place in the queue for a new attempt. */
  readonly nextPlace: () => number;
  readonly limit: number;
  readonly logger: Logger;
}

/** Node's timers hold no more than this, ms. */
const MAX_TIMER_MS = 2 ** 31 - 1;
/** Delay before a retry that could not be recorded is tried again, ms. */
const FAILED_RETRY_WAIT_MS = 1000;

export function createNewAttempts(settings: NewAttemptsSettings): NewAttempts {
  const { home, storage, jobs, events, trainers, enqueue, isFull, nextPlace, limit, logger } = settings;
  const timers = new Map<string, NodeJS.Timeout>();

  events.subscribe((event) => {
    if (event.type === 'jobEnded') schedule(event.job);
  });

  function ended(id: string): Job {
    const job = jobs.index.get(id);
    if (!job) throw new JobNotFoundError(id);
    if (!isTerminal(job.state.status)) throw new JobNotEndedError(id, job.state.status);
    return job;
  }

  function begin(job: Job, epochs: number | null, retries: number, unmet = job.unmet): Job {
    const next = { ...nextAttempt(job, epochs, retries, Date.now()), place: nextPlace(), unmet };
    jobs.replace(next);
    // Only once it is recorded: otherwise the retry is still due.
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
      const now = jobs.index.get(id);
      if (now?.retryAt !== retryAt) return;
      try {
        // Accepted when the job was started: a full queue does not refuse it.
        begin(now, now.request.epochs, now.retries + 1);
      } catch (error) {
        // A full disk, for example. Thrown from a timer, it would end the process.
        logger.error({ err: error, jobId: id }, 'cannot retry a job; trying again');
        retryIn(now, FAILED_RETRY_WAIT_MS);
      }
    };
    timers.set(id, setTimeout(retry, Math.min(waitMs, MAX_TIMER_MS)));
  }

  function schedule(job: Job): void {
    if (job.retryAt !== null) retryIn(job, Math.max(0, job.retryAt - Date.now()));
  }

  return {
    async resume(id, { epochs, admit }) {
      const before = ended(id);
      const { request, startedBy } = before;
      if (request.dataset !== null) await checkDataset(home, request.dataset);
      await storage.checkSpace(startedBy);
      const reason = unavailability(request.trainer, request.backend, await trainers());
      if (reason !== null) throw new TrainerUnavailableError(request.trainer, reason);
      // Files may have been added or deleted since the end. A script that reported a checkpoint reads one.
      const reads = before.findsCheckpoint !== false || before.checkpoint !== null;
      const located = await locateCheckpoint(home, before, reads);
      // Read again: another client may have resumed it meanwhile. From here on nothing awaits.
      const now = ended(id);
      const job = now.attempt === before.attempt ? { ...now, ...located } : now;
      if (isFull()) throw new QueueFullError(limit);
      const total = epochsFor(job, epochs);
      const { unmet, broken } = checkDependencies(job, jobs.index.get);
      if (broken !== null) {
        throw new InvalidInputError(`${broken} Resume that job first, or start a new one without the dependency.`, [
          'input',
          'id',
        ]);
      }
      admit?.(1);
      return begin(job, total, 0, unmet);
    },
    schedule,
    cancel(id) {
      const job = jobs.index.get(id);
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

/** The total number of epochs that the new attempt is to reach; null if the trainer has no such setting. */
function epochsFor(job: Job, asked: number | null | undefined): number | null {
  const planned = job.request.epochs;
  if (planned === null) {
    if (asked == null) return null;
    const message = `Trainer ${job.request.trainer} has no setting epochs: resume the job without it.`;
    throw new InvalidInputError(message, ['input', 'epochs']);
  }
  const epochs = asked ?? planned;
  const completed = job.state.status === 'COMPLETED';
  const done = completed ? job.progress.epoch : Math.max(0, job.progress.epoch - 1);
  const [min, max] = INPUT_LIMITS.epochs;
  if (!Number.isInteger(epochs) || epochs < min || epochs > max) {
    throw new InvalidInputError(`epochs must be ${wholeNumberText(min, max)}; it was ${epochs}.`, ['input', 'epochs']);
  }
  // The arguments of a script override its settings (`--epochs 12`). Its reports then have the number that counts.
  const reported = Math.max(planned, job.progress.epochs ?? 0);
  if ((asked ?? reported) <= done) {
    const message = `epochs must be greater than ${done}: this job has already completed ${done} of ${reported}.`;
    throw new InvalidInputError(message, ['input', 'epochs']);
  }
  return epochs;
}
