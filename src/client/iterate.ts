import type { Sink } from 'graphql-ws';

/**
 * Reads a subscription as an async iterator, which buffers messages until they are read. Leaving the loop unsubscribes.
 * @param subscribe starts the subscription, and returns a function that unsubscribes
 */
export function iterate<Result>(subscribe: (sink: Sink<Result>) => () => void): AsyncIterableIterator<Result> {
  const buffer: Result[] = [];
  let end: { readonly error?: unknown } | undefined;
  let wake: (() => void) | undefined;
  const finish = (result: { readonly error?: unknown }) => {
    end ??= result;
    wake?.();
  };
  const unsubscribe = subscribe({
    next(result) {
      buffer.push(result);
      wake?.();
    },
    error: (error) => finish({ error }),
    complete: () => finish({}),
  });

  return {
    async next() {
      for (;;) {
        const result = buffer.shift();
        if (result !== undefined) return { done: false, value: result };
        if (end && 'error' in end) throw end.error;
        if (end) return { done: true, value: undefined };
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
    // Also resolves a pending next().
    return() {
      buffer.length = 0;
      finish({});
      unsubscribe();
      return Promise.resolve({ done: true, value: undefined });
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
