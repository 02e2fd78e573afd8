import { isTerminal } from '../job/status.ts';
import type { StopRequest } from '../job/stop.ts';
import type { Handle, Job } from '../job/types.ts';
import { createKeyedQueue } from '../keyed-queue.ts';
import type { RecordedJob } from '../store/job-record.ts';
import type { JobIndex } from '../store/job-index.ts';
import { createDependencies } from './dependencies.ts';
import { type AttemptExecutorSettings, createAttemptExecutor } from './attempt-executor.ts';
import type { Queue } from './queue.ts';

/** Every job that has not ended, waiting or launched. Decides when each is looked at, and which is launched next. */
export interface Scheduler {
  /** Puts a waiting job into the queue, and launches it as soon as there is a slot. */
  enqueue(job: Job): void;
  /** The files of this job changed: looks at them soon. Calls before that look are combined. */
  filesChanged(jobId: string): void;
  /** Looks at every launched job, and launches waiting jobs while slots are free. */
  sweep(): void;
  /** Requests a stop of a job that has not ended; nothing happens if it has. */
  stop(jobId: string, request: StopRequest): Promise<void>;
  /** Runs `work` while nothing else changes this job. */
  exclusively<Result>(jobId: string, work: () => Promise<Result>): Promise<Result>;
  /** Takes over what the last server left: adopts live jobs, ends dead ones, resumes stops, queues waiting ones. */
  adopt(recorded: readonly RecordedJob[]): Promise<void>;
  /** Launches as many jobs as there are slots. */
  fillSlots(): void;
  /** Stops looking and launching. */
  close(): void;
  /** Resolves when no work is in progress for any job. */
  settled(): Promise<void>;
}

export interface SchedulerSettings extends Omit<AttemptExecutorSettings, 'wake'> {
  readonly queue: Queue;
}

/** A look that is already queued: any number of reasons for it are one look. */
interface PendingLook {
  inspect: boolean;
  watched: boolean;
}

export function createScheduler(settings: SchedulerSettings): Scheduler {
  const { jobs, queue, launcher, events, logger } = settings;
  const unfinished = new Set<string>();
  const pendingLooks = new Map<string, PendingLook>();
  /** Runs everything that may change a job, one piece of work at a time for each job. */
  const work = createKeyedQueue();
  const executor = createAttemptExecutor({ ...settings, wake: (jobId) => lookSoon(jobId, { inspect: true }) });
  const watch = launcher.watch?.((jobId) => lookSoon(jobId, { inspect: true }));
  let closed = false;
  const dependencies = createDependencies({
    jobs,
    events,
    logger,
    requeue(ready) {
      for (const job of ready) queue.add(job);
      fillSlots();
    },
    stopWaiting: (jobId, reason) => work.run(jobId, () => executor.stopWaiting(jobId, reason)),
  });

  events.subscribe((event) => {
    if (event.type !== 'jobEnded') return;
    unfinished.delete(event.job.id);
    queue.leave(event.job.id);
    fillSlots();
  });

  function lookSoon(jobId: string, { inspect }: { inspect: boolean }): void {
    if (closed || !unfinished.has(jobId)) return;
    const pending = pendingLooks.get(jobId);
    if (pending) {
      pending.inspect ||= inspect;
      pending.watched ||= !inspect;
      return;
    }
    const look = { inspect, watched: !inspect };
    pendingLooks.set(jobId, look);
    work
      .run(jobId, () => {
        pendingLooks.delete(jobId);
        return executor.look(jobId, { inspect: look.inspect, foundBy: look.watched ? 'watch' : 'sweep' });
      })
      // Nothing is lost: the next sweep looks again.
      .catch((error: unknown) => logger.error({ err: error, jobId }, 'job reconciliation failed'));
  }

  function fillSlots(): void {
    if (closed) return;
    for (let jobId = queue.grant(); jobId !== undefined; jobId = queue.grant()) launch(jobId);
  }

  function launch(jobId: string): void {
    work
      .run(jobId, () => executor.launch(jobId, leasing(jobs.index, jobId, unfinished)))
      .catch((error: unknown) => {
        logger.error({ err: error, jobId }, 'cannot launch a job; trying again');
        const job = jobs.index.get(jobId);
        // Once the launch is recorded the job keeps its slot, and the sweep launches it again.
        if (job?.handle === null) queue.add(job);
      });
  }

  async function adoptLaunched(jobId: string): Promise<void> {
    await work
      .run(jobId, () => executor.look(jobId, { inspect: true, foundBy: 'sweep' }))
      // The sweep looks again. Only this function adopts attempts, so it does so even if the look failed.
      .catch((error: unknown) => logger.error({ err: error, jobId }, 'job reconciliation failed; trying again'));
    await work
      .run(jobId, () => executor.adopt(jobId))
      .catch((error: unknown) => logger.error({ err: error, jobId }, 'cannot resume the stop of a job'));
  }

  return {
    enqueue(job) {
      unfinished.add(job.id);
      queue.add(job);
      dependencies.watch(job);
      events.publish({ type: 'jobQueued', job });
      fillSlots();
    },
    filesChanged: (jobId) => lookSoon(jobId, { inspect: false }),
    fillSlots,
    sweep() {
      for (const jobId of unfinished) if (jobs.index.get(jobId)?.handle) lookSoon(jobId, { inspect: true });
      dependencies.check();
      fillSlots();
    },
    stop: (jobId, request) => work.run(jobId, () => executor.stop(jobId, request)),
    exclusively: (jobId, task) => work.run(jobId, task),
    async adopt(recorded) {
      queue.setCapacity(await launcher.capacity());
      const live = recorded.map(({ job }) => job).filter(({ state }) => !isTerminal(state.status));
      for (const { id } of live) unfinished.add(id);
      const launched = live.filter(({ handle }) => handle !== null);
      for (const job of launched) queue.adopt(job);
      await Promise.all(launched.map(({ id }) => adoptLaunched(id)));
      const waiting = live.filter(({ handle }) => handle === null);
      for (const job of waiting) {
        queue.add(job);
        dependencies.watch(job);
      }
    },
    close() {
      closed = true;
      dependencies.close();
      watch?.[Symbol.dispose]();
    },
    async settled() {
      await work.settled();
      executor.close();
    },
  };
}

/** The handles whose GPUs are not free for this job. Jobs without GPUs need not know. */
function leasing(index: JobIndex, jobId: string, unfinished: ReadonlySet<string>): readonly Handle[] {
  if (!index.get(jobId)?.request.gpus) return [];
  return [...unfinished].flatMap((id) => index.get(id)?.handle ?? []);
}
