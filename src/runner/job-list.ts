import type { Job } from './job.ts';
import type { JobFilter, JobKey, JobQuery } from './runner.ts';

/** All jobs in memory, ordered by (createdAt, id): a page costs its own length, not the number of jobs. */
export interface JobList {
  get(id: string): Job | undefined;
  /** Adds a job, or replaces the one with this id. */
  set(job: Job): void;
  delete(id: string): void;
  page(query: JobQuery): Job[];
  /** Every job that matches, in no order. */
  select(filter: JobFilter): Job[];
  count(filter?: JobFilter | null): number;
  values(): IterableIterator<Job>;
}

/** An empty list. */
export function createJobList(): JobList {
  const jobs = new Map<string, Job>();
  // Keys only, so that a job's every change does not touch the order.
  const order: JobKey[] = [];

  /** How many keys come before `key`, or with `inclusive`, up to it. */
  function rank(key: JobKey, inclusive: boolean): number {
    let low = 0;
    let high = order.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const side = compare(order[middle] as JobKey, key);
      if (side < 0 || (inclusive && side === 0)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  return {
    get: (id) => jobs.get(id),
    set(job) {
      if (!jobs.has(job.id)) order.splice(rank(job, false), 0, { createdAt: job.createdAt, id: job.id });
      jobs.set(job.id, job);
    },
    delete(id) {
      const job = jobs.get(id);
      if (!job) return;
      jobs.delete(id);
      order.splice(rank(job, false), 1);
    },
    page({ filter, direction = 'DESC', after, before, limit, fromEnd = false }) {
      const ascending = direction === 'ASC';
      // In descending order "after" means older.
      const [lower, upper] = ascending ? [after, before] : [before, after];
      const from = lower ? rank(lower, true) : 0;
      const to = upper ? rank(upper, false) : order.length;
      const upwards = ascending !== fromEnd;
      const found: Job[] = [];
      for (let step = 0; step < to - from && found.length < limit; step += 1) {
        const key = order[upwards ? from + step : to - 1 - step];
        const job = key && jobs.get(key.id);
        if (job && matches(job, filter)) found.push(job);
      }
      return fromEnd ? found.reverse() : found;
    },
    select: (filter) => [...jobs.values()].filter((job) => matches(job, filter)),
    count(filter) {
      if (!filter) return jobs.size;
      let count = 0;
      for (const job of jobs.values()) if (matches(job, filter)) count += 1;
      return count;
    },
    values: () => jobs.values(),
  };
}

function compare(a: JobKey, b: JobKey): number {
  if (a.createdAt !== b.createdAt) return a.createdAt - b.createdAt;
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

function matches({ id, state, request }: Job, filter: JobFilter | null | undefined): boolean {
  if (!filter) return true;
  const { ids, status, tags, trainer, dataset, name, endedBefore } = filter;
  return (
    (ids == null || ids.includes(id)) &&
    (endedBefore == null || ('finishedAt' in state && state.finishedAt < endedBefore)) &&
    (status == null || status.includes(state.status)) &&
    (tags == null || tags.some((tag) => request.tags.includes(tag))) &&
    (trainer == null || request.trainer === trainer) &&
    (dataset == null || request.dataset === dataset) &&
    (name == null || (request.name ?? '').toLowerCase().includes(name.toLowerCase()))
  );
}
