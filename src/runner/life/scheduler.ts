import { isTerminal, type Job } from '../job/job.ts';
import { createLife, type Life, type LifeSettings } from './attempt-lifecycle.ts';
import { createLiveJob, type LiveJob } from './attempt-runtime.ts';
import type { Queue } from './queue.ts';
import type { RecordedJob } from '../store/job-record.ts';

/** Every job that has not ended: what waits, and what has processes. Decides when each is looked at, and which is launched next. */
export interface LiveJobs {
  get(id: string): LiveJob | undefined;
  /** What can be done with one of them, in its turn. */
  readonly life: Life;
  /** Puts a job that waits into the queue, and launches it as soon as it may. */
  enqueue(job: Job): void;
  /** Looks at a job soon. Any number of calls before that look are one. */
  touch(id: string, forDeath: boolean): void;
  /** Looks at all of them, and whether more may be launched. */
  sweep(): void;
  /** Takes up what the last server left: adopts the living, finishes the dead, resumes stops, puts the waiting in line. */
  adopt(recorded: readonly RecordedJob[]): Promise<void>;
  /** Launches as many as there are slots for. */
  fillSlots(): void;
  /** Stops looking and launching. */
  close(): void;
  /** Resolves when nothing is under way in any job's turn. */
  settled(): Promise<void>;
}

export interface LiveJobsSettings extends Omit<LifeSettings, 'touch' | 'onEnd'> {
  readonly queue: Queue;
  /** Called when a job has reached a terminal status. */
  readonly onEnd: (job: Job) => void;
}

export function createLiveJobs(settings: LiveJobsSettings): LiveJobs {
  const { jobs, queue, logger, observer } = settings;
  const lives = new Map<string, LiveJob>();
  const life = createLife({ ...settings, touch, onEnd });
  let closed = false;

  function add(job: Job, launched: boolean): LiveJob {
    const live = createLiveJob(job.id, launched);
    lives.set(job.id, live);
    return live;
  }

  function touch(id: string, forDeath: boolean): void {
    const live = lives.get(id);
    if (!live || closed) return;
    live.lookForDeath ||= forDeath;
    live.wasWatched ||= !forDeath;
    if (live.lookPending) return;
    live.lookPending = true;
    live
      .turn(() => {
        const proveLife = live.lookForDeath;
        const foundBy = live.wasWatched ? 'watch' : 'sweep';
        live.lookPending = false;
        live.lookForDeath = false;
        live.wasWatched = false;
        return life.look(live, proveLife, foundBy);
      })
      // Nothing is lost: the next sweep looks again.
      .catch((error: unknown) => logger.error({ err: error, jobId: id }, 'cannot look at a job'));
  }

  function fillSlots(): void {
    if (closed) return;
    for (let next = queue.grant(); next; next = queue.grant()) {
      const { live, gpuDevices } = next;
      live
        .turn(() => life.launch(live, gpuDevices))
        .catch((error: unknown) => {
          logger.error({ err: error, jobId: live.id }, 'cannot launch a job; trying again');
          const job = jobs.list.get(live.id);
          // Once the launch is recorded it keeps what it was granted, and the sweep sees to it.
          if (!live.launched && job) queue.add(live, job);
        });
    }
  }

  function onEnd(live: LiveJob): void {
    lives.delete(live.id);
    queue.leave(live);
    const job = jobs.list.get(live.id);
    if (job) {
      observer.jobEnded(job);
      settings.onEnd(job);
    }
    fillSlots();
  }

  return {
    get: (id) => lives.get(id),
    life,
    touch,
    fillSlots,
    enqueue(job) {
      queue.add(add(job, false), job);
      observer.jobQueued(job);
      fillSlots();
    },
    sweep() {
      for (const live of lives.values()) if (live.launched) touch(live.id, true);
      fillSlots();
    },
    async adopt(recorded) {
      const unfinished = recorded.filter(({ job }) => !isTerminal(job.state.status));
      const launched = unfinished.filter((one) => one.launched).map(({ job }) => ({ job, live: add(job, true) }));
      const waiting = unfinished.filter((one) => !one.launched).map(({ job }) => ({ job, live: add(job, false) }));
      for (const { live, job } of launched) queue.adopt(live, job.gpuDevices);
      await Promise.all(
        launched.map(({ live }) =>
          live
            .turn(() => life.look(live, true, 'sweep'))
            // The sweep looks again; but nothing else adopts, so that is done whatever became of the look.
            .catch((error: unknown) =>
              logger.error({ err: error, jobId: live.id }, 'cannot take up a job; trying again'),
            )
            .then(() => live.turn(() => life.adopt(live)))
            .catch((error: unknown) => logger.error({ err: error, jobId: live.id }, 'cannot ask a job again to stop')),
        ),
      );
      const waitingSince = ({ transitions }: Job) => transitions.at(-1)?.at ?? 0;
      for (const { live, job } of waiting.sort((a, b) => waitingSince(a.job) - waitingSince(b.job))) {
        queue.add(live, job);
      }
    },
    close() {
      closed = true;
    },
    async settled() {
      await Promise.all([...lives.values()].map((live) => live.turn(() => Promise.resolve())));
      for (const live of lives.values()) clearTimeout(live.deadlineTimer);
    },
  };
}
