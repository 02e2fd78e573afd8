import { setImmediate as nextTurn } from 'node:timers/promises';

/** Maximum time that the work blocks the event loop before it yields, ms. */
const TIME_SLICE_MS = 5;
/** Entries that are sorted or merged between two checks of the time. */
const RUN = 2048;

/** Resolves at once while the current slice of time lasts, otherwise in a later round of the event loop. */
export type Pause = () => Promise<void> | undefined;

/** A {@link Pause} for one piece of long work. */
export function createPause(): Pause {
  let sliceEnd = performance.now() + TIME_SLICE_MS;
  return () => {
    if (performance.now() < sliceEnd) return undefined;
    return nextTurn().then(() => {
      sliceEnd = performance.now() + TIME_SLICE_MS;
    });
  };
}

/** Sorts a copy of `entries` by merging sorted runs, and lets other work run between. */
export async function sortInSlices<Entry>(
  entries: readonly Entry[],
  compare: (a: Entry, b: Entry) => number,
  pause: Pause,
): Promise<Entry[]> {
  let from: Entry[] = [];
  for (let start = 0; start < entries.length; start += RUN) {
    for (const entry of entries.slice(start, start + RUN).sort(compare)) from.push(entry);
    await pause();
  }
  let to = new Array<Entry>(from.length);
  for (let width = RUN; width < from.length; width *= 2) {
    for (let start = 0; start < from.length; start += 2 * width) {
      const middle = Math.min(start + width, from.length);
      const end = Math.min(start + 2 * width, from.length);
      let [left, right] = [start, middle];
      for (let index = start; index < end; index += 1) {
        const takesLeft = left < middle && (right >= end || compare(from[left] as Entry, from[right] as Entry) <= 0);
        to[index] = from[takesLeft ? left++ : right++] as Entry;
        if (index % RUN === 0) await pause();
      }
    }
    [from, to] = [to, from];
  }
  return from;
}
