import { isTerminal } from '../job/status.ts';
import type { Job } from '../job/types.ts';
import { comparePlaces, JOB_ORDER_FIELDS, type JobOrder, type JobPlace, placeOf } from './job-order.ts';
import { type Pause, sortInSlices } from './sort-in-slices.ts';
import { createSortedSlots, type SortedSlots } from './sorted-slots.ts';

/**
 * The waiting and ended jobs in every order. Running jobs are in none: their keys change with each report, there are few of them, and a
 * page adds them as it is read.
 */
export interface JobOrders {
  /** Number of jobs. */
  readonly size: number;
  add(slot: number): void;
  /** Must be called while the job in this slot is the one that was added. */
  remove(slot: number): void;
  /**
   * Visits the jobs of an order until `visit` returns true.
   * @param from visits only what comes after this place; with `backwards`, before it
   */
  visit(order: JobOrder, from: JobPlace | null, backwards: boolean, visit: (slot: number) => boolean): void;
}

type JobAt = (slot: number) => Job;

const BY_ID: JobOrder = { field: 'METRIC', direction: 'ASC', metric: null };
const FIELDS = JOB_ORDER_FIELDS.filter((field) => field !== 'METRIC' && field !== 'CREATED_AT');

/** Whether a job belongs into {@link JobOrders}. */
export function isOrdered(job: Job): boolean {
  return isTerminal(job.state.status) || job.state.status === 'QUEUED';
}

/** Whether both have the same place in every order. */
export function haveSamePlaces(a: Job, b: Job): boolean {
  return (
    a.state === b.state &&
    a.request === b.request &&
    a.place === b.place &&
    a.handle === b.handle &&
    a.progress === b.progress &&
    a.best === b.best &&
    a.score === b.score
  );
}

export function createJobOrders(jobAt: JobAt): JobOrders {
  return ordersFrom(jobAt, new Map());
}

/** The orders of many jobs, made between other work: `jobAt` must give the same job for a slot all the time. */
export async function sortJobs(jobAt: JobAt, slots: readonly number[], pause: Pause): Promise<JobOrders> {
  const byName = new Map<string, [order: JobOrder, slots: number[]]>();
  for (const [index, slot] of slots.entries()) {
    if (index % 256 === 0) await pause();
    for (const order of ordersOf(jobAt(slot))) {
      const entry = byName.get(nameOf(order));
      if (entry) entry[1].push(slot);
      else byName.set(nameOf(order), [order, [slot]]);
    }
  }
  const sorted = new Map<string, SortedSlots>();
  for (const [name, [order, members]] of byName) {
    const placeAt = (slot: number) => placeOf(jobAt(slot), order);
    const ordered = await sortInSlices(members, (a, b) => comparePlaces(placeAt(a), placeAt(b), 'ASC'), pause);
    sorted.set(name, createSortedSlots(placeAt, ordered));
  }
  return ordersFrom(jobAt, sorted);
}

function ordersFrom(jobAt: JobAt, orders: Map<string, SortedSlots>): JobOrders {
  function sortedBy(order: JobOrder): SortedSlots {
    const name = nameOf(order);
    let sorted = orders.get(name);
    if (!sorted) {
      sorted = createSortedSlots((slot) => placeOf(jobAt(slot), order));
      orders.set(name, sorted);
    }
    return sorted;
  }
  const byId = sortedBy(BY_ID);

  return {
    get size() {
      return byId.size;
    },
    add(slot) {
      for (const order of ordersOf(jobAt(slot))) sortedBy(order).add(slot);
    },
    remove(slot) {
      for (const order of ordersOf(jobAt(slot))) {
        const sorted = sortedBy(order);
        sorted.remove(slot);
        if (sorted.size === 0 && sorted !== byId) orders.delete(nameOf(order));
      }
    },
    visit(order, from, backwards, visit) {
      const upwards = (order.direction === 'ASC') !== backwards;
      const keyed = orders.get(nameOf(order));
      // Jobs without a key come last in both directions.
      const visitKeyed = (start: JobPlace | null) => keyed?.visit(start, upwards, visit) ?? false;
      const visitRest = (start: JobPlace | null) =>
        byId.size !== keyed?.size &&
        byId.visit(start, upwards, (slot) => placeOf(jobAt(slot), order).key === null && visit(slot));
      if (from?.key === null) {
        if (!visitRest(from) && backwards) visitKeyed(null);
      } else if (backwards) {
        if (from !== null || !visitRest(null)) visitKeyed(from);
      } else if (!visitKeyed(from)) visitRest(null);
    },
  };
}

/** The orders in which a job has a key, and the one by id, which has all jobs. */
function* ordersOf(job: Job): Generator<JobOrder> {
  yield BY_ID;
  for (const field of FIELDS) {
    const order: JobOrder = { field, direction: 'ASC', metric: null };
    if (placeOf(job, order).key !== null) yield order;
  }
  for (const metric of Object.keys(job.best)) yield { field: 'METRIC', direction: 'ASC', metric };
}

/** Both directions use the same sorted jobs. */
function nameOf({ field, metric }: JobOrder): string {
  return metric === null ? field : `${field} ${metric}`;
}
