import { JOB_STATUSES, type JobStatus } from '../job/status.ts';
import type { Job } from '../job/types.ts';
import { matcherOf } from './job-filter.ts';
import { comparePlaces, type JobOrder, type JobPlace, NEWEST_FIRST, placeOf } from './job-order.ts';
import type { JobCounts, JobFilter, JobQuery } from './job-query.ts';

/** All jobs in memory. By time of creation a page costs its own length; in another order, one pass over all jobs. */
export interface JobIndex {
  get(id: string): Job | undefined;
  /** Adds a job, or replaces the one with this id. */
  set(job: Job): void;
  delete(id: string): void;
  page(query: JobQuery): Job[];
  /** Every job that matches, in no order. */
  select(filter: JobFilter): Job[];
  /** How many match. Without a filter it costs nothing. */
  count(filter?: JobFilter | null): number;
  /** The same of each status. */
  counts(filter?: JobFilter | null): JobCounts;
}

/** An empty index. */
export function createJobIndex(): JobIndex {
  const jobs = new Map<string, Job>();
  const total = noJobs();
  // Keys only, so that a job's every change does not touch the order.
  const order: JobPlace[] = [];
  const ascending = (a: JobPlace, b: JobPlace) => comparePlaces(a, b, 'ASC');

  /** How many keys come before `place`, or with `inclusive`, up to it. */
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

  /** A page in any order: the best so many are picked in one pass, and only those are sorted. */
  function pageBySelection({ filter, after, before, limit, fromEnd = false }: JobQuery, by: JobOrder): Job[] {
    const sign = fromEnd ? -1 : 1;
    const compare = (a: Placed, b: Placed) => sign * comparePlaces(a.place, b.place, by.direction);
    const matches = matcherOf(filter);
    // At most twice the page is held: then the worse half goes, and whatever is no better than the rest need not come in.
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
      else order.splice(rank(placeOf(job, NEWEST_FIRST), false), 0, placeOf(job, NEWEST_FIRST));
      total[job.state.status] += 1;
      jobs.set(job.id, job);
    },
    delete(id) {
      const job = jobs.get(id);
      if (!job) return;
      total[job.state.status] -= 1;
      jobs.delete(id);
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
