/** Work that is asked for more often than it is worth doing. */
export interface Paced<Key> {
  /** Does the work for this key: now, or when it was done too short a while ago, after that. */
  ask(key: Key): void;
  /** Forgets what was asked for. */
  clear(): void;
}

/** Does `work` for each key at most once in so many milliseconds, and never leaves out the last that was asked for. */
export function atMostEvery<Key>(milliseconds: number, work: (key: Key) => void): Paced<Key> {
  const pausing = new Map<Key, number>();
  const asked = new Set<Key>();

  function run(key: Key): void {
    work(key);
    const timer = window.setTimeout(() => {
      pausing.delete(key);
      if (asked.delete(key)) run(key);
    }, milliseconds);
    pausing.set(key, timer);
  }

  return {
    ask(key) {
      if (pausing.has(key)) asked.add(key);
      else run(key);
    },
    clear() {
      for (const timer of pausing.values()) window.clearTimeout(timer);
      pausing.clear();
      asked.clear();
    },
  };
}
