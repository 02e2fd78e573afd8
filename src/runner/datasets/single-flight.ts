/** Work in progress that several callers can wait for. */
interface Flight<Value> {
  readonly result: Promise<Value>;
  readonly controller: AbortController;
  waiting: number;
}

/**
 * Joins the work in progress for `key`, or starts it. `signal` ends the wait of this caller with its reason. The work is aborted once no
 * caller waits for it.
 */
export type SingleFlight<Value> = (
  key: string,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<Value>,
) => Promise<Value>;

/** Runs work once for all concurrent callers with the same key. */
export function createSingleFlight<Value>(): SingleFlight<Value> {
  const flights = new Map<string, Flight<Value>>();

  function start(key: string, work: (signal: AbortSignal) => Promise<Value>): Flight<Value> {
    const controller = new AbortController();
    const result = work(controller.signal).finally(() => forget(key, flight));
    // Once the last caller has left, no other code handles a rejection.
    result.catch(() => undefined);
    const flight: Flight<Value> = { result, controller, waiting: 0 };
    flights.set(key, flight);
    return flight;
  }

  function forget(key: string, flight: Flight<Value>): void {
    if (flights.get(key) === flight) flights.delete(key);
  }

  return async (key, signal, work) => {
    signal?.throwIfAborted();
    const flight = flights.get(key) ?? start(key, work);
    flight.waiting += 1;
    try {
      return await unlessAborted(flight.result, signal);
    } finally {
      flight.waiting -= 1;
      if (flight.waiting === 0) {
        // Now, not when the work ends: a new caller must not join work that is being aborted.
        forget(key, flight);
        flight.controller.abort();
      }
    }
  };
}

/** The result, or a rejection with the reason of `signal` if that comes first. */
function unlessAborted<Value>(result: Promise<Value>, signal: AbortSignal | undefined): Promise<Value> {
  if (!signal) return result;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason as Error);
    signal.addEventListener('abort', abort, { once: true });
    result.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
