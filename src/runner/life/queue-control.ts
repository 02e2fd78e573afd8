import { InvalidInputError, JobNotFoundError, JobNotWaitingError } from '../job/errors.ts';
import { checkGroupName, GROUP_LIMITS, type GroupSettings } from '../job/group.ts';
import { wholeNumberText } from '../job/input-limits.ts';
import type { Job } from '../job/types.ts';
import type { JobStore } from '../store/job-store.ts';
import type { QueueRecord } from '../store/queue-record.ts';
import type { Queue } from './queue.ts';
import type { Scheduler } from './scheduler.ts';

/** Target of a move: the place right ahead of another waiting job, or right behind it. */
export interface QueueMove {
  readonly before?: string | null | undefined;
  readonly after?: string | null | undefined;
}

/** Changes the order of the queue, and what may start. Everything is recorded first, so that a restart keeps it. */
export interface QueueControl {
  /** Reads what an earlier server recorded. To be called before the first job is granted a slot. */
  restore(): void;
  /** See `Runner.pauseQueue`. */
  setPaused(group: string | null, isPaused: boolean): void;
  /** See `Runner.setGroupLimit`. */
  setGroupLimit(group: string, limit: number | null): void;
  /** See `Runner.moveJob`. */
  move(id: string, move: QueueMove): Promise<Job>;
}

export interface QueueControlSettings {
  readonly jobs: JobStore;
  readonly queue: Queue;
  readonly record: QueueRecord;
  readonly scheduler: Pick<Scheduler, 'exclusively' | 'fillSlots'>;
}

/** Groups that may have settings. */
const MAX_GROUPS = 1_000;

export function createQueueControl({ jobs, queue, record, scheduler }: QueueControlSettings): QueueControl {
  const groups = new Map<string, GroupSettings>();

  function setGroup(name: string, change: Partial<GroupSettings>): void {
    const settings = { ...(groups.get(name) ?? { isPaused: false, limit: null }), ...change };
    const hasSettings = settings.isPaused || settings.limit !== null;
    if (hasSettings && !groups.has(name) && groups.size >= MAX_GROUPS) {
      throw new InvalidInputError(
        `${MAX_GROUPS} groups are paused or have a limit, which is the maximum. Remove the limit of another group first.`,
        ['group'],
      );
    }
    record.setGroup(name, settings);
    if (hasSettings) groups.set(name, settings);
    else groups.delete(name);
    queue.setGroup(name, settings);
    scheduler.fillSlots();
  }

  function waiting(id: string): Job {
    const job = jobs.index.get(id);
    if (!job) throw new JobNotFoundError(id);
    if (queue.position(id) === null) throw new JobNotWaitingError(id, job.state.status);
    return job;
  }

  /** Gives all waiting jobs new places in the same order, so that other jobs fit between them again. */
  function spread(): void {
    const spreadJobs = queue.line.flatMap(({ jobId }) => {
      const job = jobs.index.get(jobId);
      return job ? [{ ...job, place: queue.nextPlace() }] : [];
    });
    jobs.replaceAll(spreadJobs);
    for (const job of spreadJobs) queue.add(job);
  }

  function placeNextTo(target: string, side: 'AHEAD' | 'BEHIND', moved: string): number {
    const place = queue.placeNextTo(target, side, moved);
    if (place !== undefined) return place;
    spread();
    return queue.placeNextTo(target, side, moved) ?? queue.nextPlace();
  }

  return {
    restore() {
      const restored = record.load();
      queue.setPaused(restored.isPaused);
      for (const [name, settings] of restored.groups) {
        groups.set(name, settings);
        queue.setGroup(name, settings);
      }
    },
    setPaused(group, isPaused) {
      if (group !== null) {
        checkGroupName(group, ['group']);
        setGroup(group, { isPaused });
        return;
      }
      record.setPaused(isPaused);
      queue.setPaused(isPaused);
      scheduler.fillSlots();
    },
    setGroupLimit(group, limit) {
      checkGroupName(group, ['input', 'group']);
      const [min, max] = GROUP_LIMITS;
      if (limit !== null && !(Number.isInteger(limit) && limit >= min && limit <= max)) {
        throw new InvalidInputError(
          `limit must be ${wholeNumberText(min, max)}, or null for no limit; it was ${limit}. To stop a group from starting jobs, pause it.`,
          ['input', 'limit'],
        );
      }
      setGroup(group, { limit });
    },
    move(id, { before, after }) {
      const target = before ?? after;
      if (target == null || (before != null && after != null)) {
        throw new InvalidInputError('Give either before or after: the id of another waiting job.', ['input']);
      }
      return scheduler.exclusively(id, () => {
        const job = waiting(id);
        const { request } = waiting(target);
        if (id === target) return Promise.resolve(job);
        const place = placeNextTo(target, before == null ? 'BEHIND' : 'AHEAD', id);
        // Read again: its place may have changed with those of all others.
        const now = waiting(id);
        const moved = { ...now, place, request: { ...now.request, priority: request.priority } };
        jobs.replace(moved);
        queue.add(moved);
        scheduler.fillSlots();
        return Promise.resolve(moved);
      });
    },
  };
}
