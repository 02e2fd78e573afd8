/** Runs work in the order of the calls, one piece at a time for each key; work of different keys runs concurrently. */
export interface KeyedQueue {
  /** Resolves or rejects as `work` does. Work that fails does not hold up the next. */
  run<Result>(key: string, work: () => Promise<Result>): Promise<Result>;
  /** Resolves when all work that was accepted before this call has ended. */
  settled(): Promise<void>;
}

export function createKeyedQueue(): KeyedQueue {
  const last = new Map<string, Promise<unknown>>();
  return {
    run(key, work) {
      const result = (last.get(key) ?? Promise.resolve()).then(work);
      const ended = result
        .catch(() => undefined)
        .finally(() => {
          if (last.get(key) === ended) last.delete(key);
        });
      last.set(key, ended);
      return result;
    },
    async settled() {
      await Promise.all(last.values());
    },
  };
}
