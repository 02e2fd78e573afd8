import type { Sink } from 'graphql-ws';

/**
 * Reads a subscription as an async iterator: what arrives waits until it is asked for. Leaving the loop unsubscribes.
 * @param subscribe begins the subscription, and returns what ends it
 */
export function iterate<Result>(subscribe: (sink: Sink<Result>) => () => void): AsyncIterableIterator<Result> {
  const arrived: Result[] = [];
  let end: { readonly error?: unknown } | undefined;
  let wake: (() => void) | undefined;
  const finish = (how: { readonly error?: unknown }) => {
    end ??= how;
    wake?.();
  };
  const unsubscribe = subscribe({
    next(result) {
      arrived.push(result);
      wake?.();
    },
    error: (error) => finish({ error }),
    complete: () => finish({}),
  });

  return {
    async next() {
      for (;;) {
        const result = arrived.shift();
        if (result !== undefined) return { done: false, value: result };
        if (end && 'error' in end) throw end.error;
        if (end) return { done: true, value: undefined };
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
    // Also ends a next() that waits.
    return() {
      arrived.length = 0;
      finish({});
      unsubscribe();
      return Promise.resolve({ done: true, value: undefined });
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
