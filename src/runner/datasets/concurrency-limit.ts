/** Runs work, after a wait in the queue if necessary. `signal` removes it from the queue; work that has started must handle it itself. */
export type Limited = <Value>(work: () => Promise<Value>, signal: AbortSignal) => Promise<Value>;

/**
 * Limits concurrent work, with a bounded queue.
 * @param full creates the error for work that finds `maxWaiting` others in the queue, or waits longer than `maxWaitMs`
 */
export function createConcurrencyLimit({
  maxConcurrent,
  maxWaiting,
  maxWaitMs,
  full,
}: {
  maxConcurrent: number;
  maxWaiting: number;
  maxWaitMs: number;
  full: () => Error;
}): Limited {
  let running = 0;
  /** Starts each waiting piece of work, in order of arrival. */
  const queue = new Set<() => void>();

  function enter(signal: AbortSignal): Promise<void> {
    if (running < maxConcurrent) {
      running += 1;
      return Promise.resolve();
    }
    if (queue.size >= maxWaiting) return Promise.reject(full());
    return new Promise((resolve, reject) => {
      const leave = () => {
        queue.delete(start);
        clearTimeout(timer);
        signal.removeEventListener('abort', abort);
      };
      const start = () => {
        leave();
        resolve();
      };
      const abort = () => {
        leave();
        reject(signal.reason as Error);
      };
      const timer = setTimeout(() => {
        leave();
        reject(full());
      }, maxWaitMs);
      signal.addEventListener('abort', abort, { once: true });
      queue.add(start);
    });
  }

  function exit(): void {
    const [next] = queue;
    // `running` stays the same: a call that arrives in between cannot overtake the next one.
    if (next) next();
    else running -= 1;
  }

  return async (work, signal) => {
    signal.throwIfAborted();
    await enter(signal);
    try {
      return await work();
    } finally {
      exit();
    }
  };
}
