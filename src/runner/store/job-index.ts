import { setImmediate as nextTurn } from 'node:timers/promises';
import { JOB_STATUSES, type JobStatus } from '../job/status.ts';
import type { Job } from '../job/types.ts';
import { countBits, hasBit, membersOf } from './bitmap.ts';
import { createJobCandidates } from './job-candidates.ts';
import { matcherOf } from './job-filter.ts';
import { comparePlaces, type JobOrder, type JobPlace, NEWEST_FIRST, placeOf } from './job-order.ts';
import { createJobOrders, haveSamePlaces, isOrdered, sortJobs } from './job-orders.ts';
import type { JobCounts, JobFilter, JobQuery } from './job-query.ts';
import { selectPage } from './select-page.ts';
import { createPause, type Pause } from './sort-in-slices.ts';
import { createSortedSlots } from './sorted-slots.ts';

/**
 * All jobs in memory. Each has a slot, a small number. Orders and texts are indexed as jobs change: a page costs its length, a few bits
 * for each job, and a test of each job that runs.
 */
export interface JobIndex {
  get(id: string): Job | undefined;
  has(id: string): boolean;
  /** Adds a job, or replaces the one with this id. */
  set(job: Job): void;
  delete(id: string): void;
  /**
   * Fills an empty index. The rest of the `unread` jobs is read, and everything is indexed, between other work. A job is read at once if
   * it is asked for before, so most filters and orders (see {@link needsIndex}) read and test every job until then.
   */
  load(jobs: readonly Job[], unread: readonly UnreadJob[], source: JobSource): void;
  /** Resolves when everything that was loaded is indexed, or the index is closed. */
  readonly indexed: Promise<void>;
  page(query: JobQuery): Job[];
  /** Every job that matches, in no order. */
  select(filter: JobFilter): Job[];
  /** Number of jobs that match. Without a filter, no job is tested. */
  count(filter?: JobFilter | null): number;
  /** Number of jobs that a user started, in constant time. */
  countOf(startedBy: string): number;
  /** The same for each status. */
  counts(filter?: JobFilter | null): JobCounts;
  /** Ends the reading of jobs that are not read yet. */
  close(): void;
}

/** A recorded job that is not read yet. */
export interface UnreadJob {
  readonly id: string;
  readonly createdAt: number;
  readonly startedBy: string | null;
  readonly status: JobStatus;
}

/** Reads recorded jobs. */
export interface JobSource {
  /** @throws if there is no such job */
  read(id: string): Job;
  /** Up to `limit` jobs after this id, in the order of their ids. */
  readAfter(id: string, limit: number): readonly Job[];
}

/** Up to this many candidates are all tested and sorted, instead of looked for in the order of the page. */
const FEW = 2048;
/** Jobs that are read before other work of the event loop gets its turn. */
const READ_AT_ONCE = 50;

/**
 * An empty index.
 * @param few see {@link FEW}
 */
export function createJobIndex({ few = FEW } = {}): JobIndex {
  /** By slot. Undefined also for a job that is not read yet. */
  const jobs: (Job | undefined)[] = [];
  /** The slots of jobs that are not read yet. */
  const unread = new Set<number>();
  let readJob: (id: string) => Job = () => {
    throw new Error('All jobs are read.');
  };
  /** By slot: the places in the order of creation, which never change. */
  const created: (JobPlace | undefined)[] = [];
  const slotOf = new Map<string, number>();
  const freeSlots: number[] = [];
  const total = noJobs();
  const byUser = new Map<string, number>();
  const jobAt = (slot: number) => jobs[slot] ?? readAt(slot);
  const createdAt = (slot: number) => created[slot] as JobPlace;
  let byCreation = createSortedSlots(createdAt);
  /** Jobs that `orders` does not have: those that run. */
  const unordered = new Set<number>();
  let orders = createJobOrders(jobAt);
  const candidates = createJobCandidates();
  /** While loaded jobs are indexed: the slots that changed meanwhile. */
  let changed: Set<number> | null = null;
  let indexed = Promise.resolve();
  let closed = false;

  function count({ status }: { status: JobStatus }, startedBy: string | null, change: 1 | -1): void {
    total[status] += change;
    if (startedBy === null) return;
    const count = (byUser.get(startedBy) ?? 0) + change;
    if (count > 0) byUser.set(startedBy, count);
    else byUser.delete(startedBy);
  }

  function readAt(slot: number): Job {
    const job = readJob(createdAt(slot).id);
    keep(slot, job);
    return job;
  }

  function keep(slot: number, job: Job): void {
    unread.delete(slot);
    jobs[slot] = job;
  }

  function slotFor(id: string): number {
    let slot = slotOf.get(id);
    if (slot === undefined) {
      slot = freeSlots.pop() ?? jobs.length;
      slotOf.set(id, slot);
    }
    return slot;
  }

  /** Puts the job, or none, into its slot, and moves it in the orders. */
  function put(slot: number, next: Job | undefined): void {
    const previous = jobs[slot];
    if (next && !previous) created[slot] = placeOf(next, NEWEST_FIRST);
    const stays = previous && next && isOrdered(previous) === isOrdered(next) && haveSamePlaces(previous, next);
    if (stays) {
      jobs[slot] = next;
      return;
    }
    changed?.add(slot);
    if (previous && isOrdered(previous) && !changed) orders.remove(slot);
    jobs[slot] = next;
    if (next && isOrdered(next) && !changed) orders.add(slot);
    if (next && !isOrdered(next)) unordered.add(slot);
    else unordered.delete(slot);
  }

  /** Reads the jobs that are not read yet. */
  async function readAll(source: JobSource, pause: Pause): Promise<void> {
    let last = '';
    while (unread.size > 0 && !closed) {
      const read = source.readAfter(last, READ_AT_ONCE);
      if (read.length === 0) throw new Error(`${unread.size} jobs are no longer in the record.`);
      for (const job of read) {
        const slot = slotOf.get(job.id);
        if (slot !== undefined && unread.has(slot)) keep(slot, job);
      }
      last = read.at(-1)?.id ?? last;
      await pause();
    }
  }

  async function indexLoaded(meanwhile: Set<number>, source: JobSource): Promise<void> {
    const pause = createPause();
    await nextTurn();
    await readAll(source, pause);
    if (closed) return;
    meanwhile.clear();
    let known = jobs.slice();
    const ordered: number[] = [];
    for (const [slot, job] of known.entries()) {
      await pause();
      if (jobs[slot]) candidates.set(slot, jobs[slot], undefined);
      if (job && isOrdered(job)) ordered.push(slot);
    }
    const sorted = await sortJobs((slot) => known[slot] as Job, ordered, pause);
    for (const slot of meanwhile) if (known[slot] && isOrdered(known[slot])) sorted.remove(slot);
    known = jobs;
    for (const slot of meanwhile) if (known[slot] && isOrdered(known[slot])) sorted.add(slot);
    orders = sorted;
    changed = null;
  }

  /** A search for matching jobs: a test, and the slots to test, null if any job may match. */
  function searchOf(filter: JobFilter | null | undefined): Search {
    if (!filter) return { matches: () => true, bits: null };
    if (!changed) return { matches: candidates.matcherOf(filter, jobAt), bits: candidates.of(filter) };
    const matches = matcherOf(filter);
    return { matches: (slot) => matches(jobAt(slot)), bits: needsIndex(filter) ? null : candidates.of(filter) };
  }

  /** The slots that may match. */
  function slotsOf(filter: JobFilter | null | undefined, bits: Uint32Array | null): Iterable<number> {
    if (filter?.ids != null) return new Set(filter.ids.flatMap((id) => slotOf.get(id) ?? []));
    return bits ? membersOf(bits) : slotOf.values();
  }

  /** Visits the jobs of an order until `visit` returns true. */
  function visit(order: JobOrder, from: JobPlace | null, backwards: boolean, visit: (slot: number) => boolean): void {
    if (order.field !== 'CREATED_AT') orders.visit(order, from, backwards, visit);
    else byCreation.visit(from, (order.direction === 'ASC') !== backwards, visit);
  }

  function page(query: JobQuery): Job[] {
    const { filter, orderBy: by = NEWEST_FIRST, after = null, before = null, limit, fromEnd = false } = query;
    const { matches, bits } = searchOf(filter);
    const isByCreation = by.field === 'CREATED_AT';
    const select = (slots: Iterable<number>) => selectPage(slots, query, by, jobAt, matches);
    const areFew = filter?.ids != null || (bits !== null && countBits(bits) <= few);
    if (areFew || (changed && !isByCreation)) return select(slotsOf(filter, bits));

    const [from, end] = fromEnd ? [before, after] : [after, before];
    const sign = fromEnd ? -1 : 1;
    const found: Job[] = [];
    visit(by, from, fromEnd, (slot) => {
      if (bits && !hasBit(bits, slot)) return false;
      const job = jobAt(slot);
      if (end && sign * comparePlaces(placeOf(job, by), end, by.direction) >= 0) return true;
      if (matches(slot)) found.push(job);
      return found.length === limit;
    });
    if (fromEnd) found.reverse();
    if (isByCreation || unordered.size === 0) return found;
    const running = unordered.values().filter((slot) => !bits || hasBit(bits, slot));
    const both = [...found, ...select(running)].sort((a, b) =>
      comparePlaces(placeOf(a, by), placeOf(b, by), by.direction),
    );
    return fromEnd ? both.slice(-limit) : both.slice(0, limit);
  }

  function* select(filter: JobFilter): Generator<Job> {
    const { matches, bits } = searchOf(filter);
    for (const slot of slotsOf(filter, bits)) if (matches(slot)) yield jobAt(slot);
  }

  function counts(filter?: JobFilter | null): JobCounts {
    if (!filter) return { ...total };
    const found = noJobs();
    if (filter.ids == null && !needsIndex(filter)) {
      for (const status of filter.status ?? JOB_STATUSES) found[status] = total[status];
      return found;
    }
    for (const job of select(filter)) found[job.state.status] += 1;
    return found;
  }

  return {
    get(id) {
      const slot = slotOf.get(id);
      return slot === undefined ? undefined : jobAt(slot);
    },
    has: (id) => slotOf.has(id),
    set(job) {
      const isNew = !slotOf.has(job.id);
      const slot = slotFor(job.id);
      const previous = isNew ? undefined : jobAt(slot);
      if (previous) count(previous.state, previous.startedBy, -1);
      put(slot, job);
      count(job.state, job.startedBy, 1);
      if (!previous) byCreation.add(slot);
      candidates.set(slot, job, previous);
    },
    delete(id) {
      const slot = slotOf.get(id);
      if (slot === undefined) return;
      const job = jobAt(slot);
      count(job.state, job.startedBy, -1);
      candidates.delete(slot, job);
      byCreation.remove(slot);
      put(slot, undefined);
      slotOf.delete(id);
      freeSlots.push(slot);
    },
    load(loaded, others, source) {
      if (slotOf.size > 0) throw new Error('Jobs can be loaded only into an empty index.');
      for (const { id, createdAt, startedBy, status } of others) {
        const slot = slotFor(id);
        jobs[slot] = undefined;
        unread.add(slot);
        created[slot] = { key: createdAt, id };
        candidates.setStatus(slot, status);
        count({ status }, startedBy, 1);
      }
      for (const job of loaded) {
        const slot = slotFor(job.id);
        jobs[slot] = job;
        created[slot] = placeOf(job, NEWEST_FIRST);
        if (!isOrdered(job)) unordered.add(slot);
        candidates.set(slot, job, undefined);
        count(job.state, job.startedBy, 1);
      }
      const sorted = [...jobs.keys()].sort((a, b) => comparePlaces(createdAt(a), createdAt(b), 'ASC'));
      byCreation = createSortedSlots(createdAt, sorted);
      readJob = source.read;
      changed = new Set();
      indexed = indexLoaded(changed, source);
    },
    get indexed() {
      return indexed;
    },
    page,
    select: (filter) => [...select(filter)],
    count(filter) {
      return Object.values(counts(filter)).reduce((sum, count) => sum + count, 0);
    },
    countOf: (startedBy) => byUser.get(startedBy) ?? 0,
    counts,
    close() {
      closed = true;
    },
  };
}

/** Whether a list is read from what {@link JobIndex.indexed} promises: any but by creation, of all jobs or by status or id. */
export function needsIndex(filter: JobFilter | null | undefined, orderBy: JobOrder = NEWEST_FIRST): boolean {
  if (orderBy.field !== 'CREATED_AT') return true;
  return Object.entries(filter ?? {}).some(([name, value]) => name !== 'ids' && name !== 'status' && value != null);
}

/** See `searchOf`. */
interface Search {
  readonly matches: (slot: number) => boolean;
  readonly bits: Uint32Array | null;
}

function noJobs(): Record<JobStatus, number> {
  return Object.fromEntries(JOB_STATUSES.map((status) => [status, 0])) as Record<JobStatus, number>;
}
