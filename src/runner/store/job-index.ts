import { JOB_STATUSES, type JobStatus } from '../job/status.ts';
import type { Job } from '../job/types.ts';
import { matcherOf } from './job-filter.ts';
import { comparePlaces, type JobOrder, type JobPlace, NEWEST_FIRST, placeOf } from './job-order.ts';
import type { JobCounts, JobFilter, JobQuery } from './job-query.ts';

/** All jobs in memory. The cost of a page by time of creation is its length; in any other order, one pass over all jobs. */
export interface JobIndex {
  get(id: string): Job | undefined;
  /** Adds a job, or replaces the one with this id. */
  set(job: Job): void;
  delete(id: string): void;
  page(query: JobQuery): Job[];
  /** Every job that matches, in no order. */
  select(filter: JobFilter): Job[];
  /** Number of jobs that match. Without a filter, no job is tested. */
  count(filter?: JobFilter | null): number;
  /** Number of jobs that a user started, in constant time. */
  countOf(startedBy: string): number;
  /** The same for each status. */
  counts(filter?: JobFilter | null): JobCounts;
}

/** An empty index. */
export function createJobIndex(): JobIndex {
  const jobs = new Map<string, Job>();
  const total = noJobs();
  const byUser = new Map<string, number>();
  // Keys only, so that a change of a job does not change the order.
  const order: JobPlace[] = [];
  const ascending = (a: JobPlace, b: JobPlace) => comparePlaces(a, b, 'ASC');

  function countUser(user: string | null, change: 1 | -1): void {
    if (user === null) return;
    const count = (byUser.get(user) ?? 0) + change;
    if (count > 0) byUser.set(user, count);
    else byUser.delete(user);
  }

  /** Number of keys before `place`; with `inclusive`, up to it. */
  function rank(place: JobPlace, inclusive: boolean): number {
    let low = 0;
    let high = order.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const side = ascending(order[middle] as JobPlace, place);
      if (side < 0 || (inclusive && side === 0)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** A page in the order in which jobs were recorded. */
  function pageByCreation(query: JobQuery, direction: 'ASC' | 'DESC'): Job[] {
    const { filter, after, before, limit, fromEnd = false } = query;
    // In descending order "after" means older.
    const [lower, upper] = direction === 'ASC' ? [after, before] : [before, after];
    const from = lower ? rank(lower, true) : 0;
    const to = upper ? rank(upper, false) : order.length;
    const upwards = (direction === 'ASC') !== fromEnd;
    const matches = matcherOf(filter);
    const found: Job[] = [];
    for (let step = 0; step < to - from && found.length < limit; step += 1) {
      const key = order[upwards ? from + step : to - 1 - step];
      const job = key && jobs.get(key.id);
      if (job && matches(job)) found.push(job);
    }
    return fromEnd ? found.reverse() : found;
  }

  /** A page in any order: one pass selects the jobs of the page, and only those are sorted. */
  function pageBySelection({ filter, after, before, limit, fromEnd = false }: JobQuery, by: JobOrder): Job[] {
    const sign = fromEnd ? -1 : 1;
    const compare = (a: Placed, b: Placed) => sign * comparePlaces(a.place, b.place, by.direction);
    const matches = matcherOf(filter);
    // Holds at most twice the page. When it is full, the worse half is dropped, and later jobs must be better than the rest.
    let picked: Placed[] = [];
    let worst: Placed | undefined;
    for (const job of jobs.values()) {
      const placed = { job, place: placeOf(job, by) };
      if (worst && compare(placed, worst) >= 0) continue;
      if (after && comparePlaces(placed.place, after, by.direction) <= 0) continue;
      if (before && comparePlaces(placed.place, before, by.direction) >= 0) continue;
      if (!matches(job)) continue;
      picked.push(placed);
      if (picked.length < 2 * limit + 16) continue;
      picked = picked.sort(compare).slice(0, limit);
      worst = picked.at(-1);
    }
    const page = picked
      .sort(compare)
      .slice(0, limit)
      .map(({ job }) => job);
    return fromEnd ? page.reverse() : page;
  }

  function counts(filter?: JobFilter | null): JobCounts {
    if (!filter) return { ...total };
    const matches = matcherOf(filter);
    const found = noJobs();
    for (const job of jobs.values()) if (matches(job)) found[job.state.status] += 1;
    return found;
  }

  return {
    get: (id) => jobs.get(id),
    set(job) {
      const previous = jobs.get(job.id);
      if (previous) total[previous.state.status] -= 1;
      else {
        order.splice(rank(placeOf(job, NEWEST_FIRST), false), 0, placeOf(job, NEWEST_FIRST));
        countUser(job.startedBy, 1);
      }
      total[job.state.status] += 1;
      jobs.set(job.id, job);
    },
    delete(id) {
      const job = jobs.get(id);
      if (!job) return;
      total[job.state.status] -= 1;
      jobs.delete(id);
      countUser(job.startedBy, -1);
      order.splice(rank(placeOf(job, NEWEST_FIRST), false), 1);
    },
    page(query) {
      const by = query.orderBy ?? NEWEST_FIRST;
      return by.field === 'CREATED_AT' ? pageByCreation(query, by.direction) : pageBySelection(query, by);
    },
    select: (filter) => [...jobs.values()].filter(matcherOf(filter)),
    count(filter) {
      return Object.values(counts(filter)).reduce((sum, count) => sum + count, 0);
    },
    countOf: (startedBy) => byUser.get(startedBy) ?? 0,
    counts,
  };
}

interface Placed {
  readonly job: Job;
  readonly place: JobPlace;
}

function noJobs(): Record<JobStatus, number> {
  return Object.fromEntries(JOB_STATUSES.map((status) => [status, 0])) as Record<JobStatus, number>;
}
