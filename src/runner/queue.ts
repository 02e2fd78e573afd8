import type { LiveJob } from './live-job.ts';

/** Which jobs wait for a slot, first come, first served. */
export interface Queue {
  add(live: LiveJob): void;
  delete(live: LiveJob): void;
  /** From 1; null when it does not wait. */
  position(id: string): number | null;
  readonly length: number;
  /** Puts a job that was taken but could not be launched back to the front. */
  putBack(live: LiveJob): void;
  /** Takes the next job out, while fewer than the allowed number run. */
  take(running: number): LiveJob | undefined;
}

/** A queue before `slots` slots. */
export function createQueue(slots: number): Queue {
  let waiting = new Set<LiveJob>();
  return {
    add: (live) => void waiting.add(live),
    delete: (live) => void waiting.delete(live),
    putBack(live) {
      waiting = new Set([live, ...waiting]);
    },
    position(id) {
      let position = 0;
      for (const live of waiting) {
        position += 1;
        if (live.id === id) return position;
      }
      return null;
    },
    get length() {
      return waiting.size;
    },
    take(running) {
      if (running >= slots) return undefined;
      const [next] = waiting;
      if (next) waiting.delete(next);
      return next;
    },
  };
}
