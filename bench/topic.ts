/**
 * A topic in memory, as in the usual publish-subscribe packages for GraphQL: each subscriber has a queue.
 */
export function createTopic<Event>() {
  const subscribers = new Set<(event: Event) => void>();
  return {
    publish(event: Event) {
      for (const push of subscribers) push(event);
    },
    subscribe() {
      const events: Event[] = [];
      const waiting: ((result: IteratorResult<Event>) => void)[] = [];
      const push = (value: Event) => {
        const resolve = waiting.shift();
        if (resolve) resolve({ value, done: false });
        else events.push(value);
      };
      subscribers.add(push);
      return {
        next() {
          const value = events.shift();
          if (value !== undefined) return Promise.resolve({ value, done: false });
          return new Promise<IteratorResult<Event>>((resolve) => waiting.push(resolve));
        },
        return() {
          subscribers.delete(push);
          for (const resolve of waiting) resolve({ value: undefined, done: true });
          return Promise.resolve({ value: undefined, done: true });
        },
        throw: (error: Error) => Promise.reject(error),
        [Symbol.asyncIterator]() {
          return this;
        },
      };
    },
  };
}

/**
 * Publishes `count` events, or fewer if the time is over.
 * @param publish publishes one event
 * @param pause between two events, ms
 * @param duration ms
 */
export async function publishSteadily(
  publish: () => void,
  count: number,
  pause: number,
  duration = Infinity,
): Promise<void> {
  const end = performance.now() + duration;
  for (let index = 0; index < count && performance.now() < end; index += 1) {
    await new Promise((resolve) => setTimeout(resolve, pause));
    publish();
  }
}
