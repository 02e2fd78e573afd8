import { checkDependencies } from '../job/check-dependencies.ts';
import { isTerminal } from '../job/status.ts';
import type { Job } from '../job/types.ts';
import type { EventChannel } from '../events.ts';
import type { Logger } from '../logger.ts';
import type { JobStore } from '../store/job-store.ts';

/** Waiting jobs whose dependencies are not met yet. Each end of a job concerns only those that wait for it. */
export interface Dependencies {
  /** Watches the dependencies of a waiting job; does nothing if all are met. They are checked soon. */
  watch(job: Job): void;
  /** Checks the jobs whose dependencies changed: records those that are met, and stops jobs that can never start. */
  check(): void;
  close(): void;
}

export interface DependenciesSettings {
  readonly jobs: JobStore;
  readonly events: EventChannel;
  readonly logger: Logger;
  /** Brings waiting jobs up to date in the queue, and launches what may start. */
  readonly requeue: (jobs: readonly Job[]) => void;
  /** Stops a waiting job. @throws if it cannot be recorded */
  readonly stopWaiting: (jobId: string, reason: string) => Promise<void>;
}

/** Jobs that are recorded in one transaction, which blocks the event loop. */
const BATCH = 500;

export function createDependencies(settings: DependenciesSettings): Dependencies {
  const { jobs, events, logger, requeue, stopWaiting } = settings;
  /** The waiting jobs by the job that they wait for. */
  const dependents = new Map<string, Set<string>>();
  const due = new Set<string>();
  let isScheduled = false;
  let closed = false;

  events.subscribe((event) => {
    if (event.type !== 'jobChanged') return;
    const waiting = dependents.get(event.jobId);
    if (!waiting) return;
    const job = jobs.index.get(event.jobId);
    // Also when a user cancels a retry, which ends a job that is terminal already, and when a job is deleted.
    if (job && !(isTerminal(job.state.status) && job.retryAt === null)) return;
    for (const id of waiting) due.add(id);
    checkSoon();
  });

  /** Not within an event: its other listeners must receive it before its consequences. */
  function checkSoon(): void {
    if (isScheduled || due.size === 0) return;
    isScheduled = true;
    setImmediate(check);
  }

  function follow({ id, unmet }: Job): void {
    for (const other of unmet) {
      const waiting = dependents.get(other);
      if (waiting) waiting.add(id);
      else dependents.set(other, new Set([id]));
    }
  }

  function forget(job: Job, ids: readonly string[]): void {
    for (const id of ids) {
      const waiting = dependents.get(id);
      waiting?.delete(job.id);
      if (waiting?.size === 0) dependents.delete(id);
    }
  }

  function check(): void {
    isScheduled = false;
    if (closed) return;
    const batch = [...due].slice(0, BATCH);
    for (const id of batch) due.delete(id);
    const changed: Job[] = [];
    const met: (readonly [Job, readonly string[]])[] = [];
    for (const id of batch) {
      const job = jobs.index.get(id);
      if (!job) continue;
      if (job.state.status !== 'QUEUED' || job.handle !== null) {
        forget(job, job.unmet);
        continue;
      }
      const { unmet, broken } = checkDependencies(job, jobs.index.get);
      if (broken !== null) stop(job, broken);
      else if (unmet !== job.unmet) {
        changed.push({ ...job, unmet });
        met.push([job, job.unmet.filter((other) => !unmet.includes(other))]);
      }
    }
    try {
      jobs.replaceAll(changed);
      for (const [job, ids] of met) forget(job, ids);
      requeue(changed);
    } catch (error) {
      // A full disk, for example: the next sweep tries again.
      logger.error({ err: error }, 'cannot record that dependencies of jobs are met; trying again');
      for (const { id } of changed) due.add(id);
      return;
    }
    checkSoon();
  }

  function stop(job: Job, reason: string): void {
    // Before it ends: a user may resume it at once, and then it is watched again.
    forget(job, job.unmet);
    stopWaiting(job.id, reason).catch((error: unknown) => {
      logger.error({ err: error, jobId: job.id }, 'cannot stop a job that can never start; trying again');
      follow(job);
      due.add(job.id);
    });
  }

  return {
    watch(job) {
      if (job.unmet.length === 0) return;
      follow(job);
      due.add(job.id);
      checkSoon();
    },
    check,
    close() {
      closed = true;
    },
  };
}
