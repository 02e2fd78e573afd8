/** The same feed, which calls `end` when it ends in any way. `return()` is passed on at once, also while an event is awaited. */
export function endingWith<Value>(
  feed: AsyncIterator<Value, void, void>,
  end: () => void,
): AsyncGenerator<Value, void, void> {
  const ending: AsyncGenerator<Value, void, void> = {
    async next() {
      try {
        const result = await feed.next();
        if (result.done) end();
        return result;
      } catch (error) {
        end();
        throw error;
      }
    },
    return(value) {
      end();
      return feed.return?.(value) ?? Promise.resolve({ done: true, value: undefined });
    },
    throw(error: Error) {
      end();
      return feed.throw?.(error) ?? Promise.reject(error);
    },
    [Symbol.asyncIterator]: () => ending,
    async [Symbol.asyncDispose]() {
      await ending.return();
    },
  };
  return ending;
}
