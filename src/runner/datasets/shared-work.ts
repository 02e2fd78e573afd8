/** Work under way that several callers can wait for. */
interface Shared<Value> {
  readonly result: Promise<Value>;
  readonly controller: AbortController;
  waiting: number;
}

/**
 * Joins the work under `key` where there is some under way, else begins it. `signal` ends the wait of this caller with its reason;
 * the work is aborted when nobody waits for it any more.
 */
export type ShareWork<Value> = (
  key: string,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<Value>,
) => Promise<Value>;

/** Does what several callers want at the same time once for all of them. */
export function createSharedWork<Value>(): ShareWork<Value> {
  const underWay = new Map<string, Shared<Value>>();

  function begin(key: string, work: (signal: AbortSignal) => Promise<Value>): Shared<Value> {
    const controller = new AbortController();
    const result = work(controller.signal).finally(() => forget(key, shared));
    // With the last caller gone, nobody else handles what becomes of it.
    result.catch(() => undefined);
    const shared: Shared<Value> = { result, controller, waiting: 0 };
    underWay.set(key, shared);
    return shared;
  }

  function forget(key: string, shared: Shared<Value>): void {
    if (underWay.get(key) === shared) underWay.delete(key);
  }

  return async (key, signal, work) => {
    signal?.throwIfAborted();
    const shared = underWay.get(key) ?? begin(key, work);
    shared.waiting += 1;
    try {
      return await unlessAborted(shared.result, signal);
    } finally {
      shared.waiting -= 1;
      if (shared.waiting === 0) {
        // At once, not when the work has ended: who comes now must not join what is being aborted.
        forget(key, shared);
        shared.controller.abort();
      }
    }
  };
}

/** The result, or the reason of `signal` when that comes first. */
function unlessAborted<Value>(result: Promise<Value>, signal: AbortSignal | undefined): Promise<Value> {
  if (!signal) return result;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason as Error);
    signal.addEventListener('abort', abort, { once: true });
    result.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
