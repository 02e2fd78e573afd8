/** Runs work in one of a few slots; `signal` takes it out of the queue. What it does to work that has begun is the work's to say. */
export type InSlot = <Value>(work: () => Promise<Value>, signal: AbortSignal) => Promise<Value>;

/**
 * A few pieces of work at once, and a bounded queue before them.
 * @param full makes what is thrown when `maxWaiting` others wait, or after a wait of `maxWaitMs`
 */
export function createSlots({
  slots,
  maxWaiting,
  maxWaitMs,
  full,
}: {
  slots: number;
  maxWaiting: number;
  maxWaitMs: number;
  full: () => Error;
}): InSlot {
  let taken = 0;
  /** In order of arrival: what gives a waiting piece of work its slot. */
  const queue = new Set<() => void>();

  function enter(signal: AbortSignal): Promise<void> {
    if (taken < slots) {
      taken += 1;
      return Promise.resolve();
    }
    if (queue.size >= maxWaiting) return Promise.reject(full());
    return new Promise((resolve, reject) => {
      const leave = () => {
        queue.delete(begin);
        clearTimeout(timer);
        signal.removeEventListener('abort', abort);
      };
      const begin = () => {
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
      queue.add(begin);
    });
  }

  function exit(): void {
    const [next] = queue;
    // The slot goes from hand to hand: nobody who comes in between can take it.
    if (next) next();
    else taken -= 1;
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
