import type { Job } from '../job/types.ts';
import { comparePlaces, type JobOrder, type JobPlace, placeOf } from './job-order.ts';
import type { JobQuery } from './job-query.ts';

interface Placed {
  readonly job: Job;
  readonly place: JobPlace;
}

/** The part of a page that is from the jobs in `slots`: tests each of them, and sorts only those of the page. */
export function selectPage(
  slots: Iterable<number>,
  { after, before, limit, fromEnd = false }: JobQuery,
  by: JobOrder,
  jobAt: (slot: number) => Job,
  matches: (slot: number) => boolean,
): Job[] {
  const sign = fromEnd ? -1 : 1;
  const compare = (a: Placed, b: Placed) => sign * comparePlaces(a.place, b.place, by.direction);
  // Holds at most twice the page. When it is full, the worse half is dropped, and later jobs must be better than the rest.
  let picked: Placed[] = [];
  let worst: Placed | undefined;
  for (const slot of slots) {
    const job = jobAt(slot);
    const placed = { job, place: placeOf(job, by) };
    if (worst && compare(placed, worst) >= 0) continue;
    if (after && comparePlaces(placed.place, after, by.direction) <= 0) continue;
    if (before && comparePlaces(placed.place, before, by.direction) >= 0) continue;
    if (!matches(slot)) continue;
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
