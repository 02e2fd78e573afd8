/** Throttled work, by key. */
export interface Throttle<Key> {
  /** Runs the work for this key: now, or at the end of the current interval. */
  run(key: Key): void;
  /** Cancels pending runs. */
  clear(): void;
}

/** Runs `work` for each key at most once in `milliseconds`. The last call of an interval is never dropped. */
export function throttleByKey<Key>(milliseconds: number, work: (key: Key) => void): Throttle<Key> {
  const timers = new Map<Key, number>();
  const pending = new Set<Key>();

  function runNow(key: Key): void {
    work(key);
    const timer = window.setTimeout(() => {
      timers.delete(key);
      if (pending.delete(key)) runNow(key);
    }, milliseconds);
    timers.set(key, timer);
  }

  return {
    run(key) {
      if (timers.has(key)) pending.add(key);
      else runNow(key);
    },
    clear() {
      for (const timer of timers.values()) window.clearTimeout(timer);
      timers.clear();
      pending.clear();
    },
  };
}
