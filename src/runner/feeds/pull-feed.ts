/** The result of a pull: an event, none yet, or the end of the feed. */
export type PullResult<Event> = { readonly event: Event } | 'WAIT' | 'END';

export interface PullFeedSource<Event> {
  /**
   * Finds the next event for this reader. Called when the reader asks and, after a `WAIT`, each time the feed is woken; calls never
   * overlap.
   */
  pullNext(): PullResult<Event> | Promise<PullResult<Event>>;
  /** Called once, when the feed has ended for any reason. */
  onEnd(): void;
}

/** A live feed as an async iterator. */
export interface PullFeed<Event> {
  readonly events: AsyncIterableIterator<Event> & AsyncDisposable;
  /** Signals that there may be a new event. Cheap, and never runs the reader's code. */
  wake(): void;
  /** Ends the feed, also for a reader that waits. */
  end(): void;
}

/**
 * A feed that holds a position, not a buffer: the next event is computed when the reader asks, so a slow reader costs no more than a fast
 * one.
 */
export function createPullFeed<Event>({ pullNext, onEnd }: PullFeedSource<Event>): PullFeed<Event> {
  let waiting: (() => void) | undefined;
  let woken = false;
  let done = false;
  // Overlapping calls of next() are answered in order.
  let previous: Promise<unknown> = Promise.resolve();

  // Both may change during a pull.
  const isDone = () => done;
  const wasWoken = () => woken;

  function wake(): void {
    woken = true;
    waiting?.();
  }

  function end(): void {
    if (done) return;
    done = true;
    onEnd();
    wake();
  }

  async function pull(): Promise<IteratorResult<Event>> {
    for (;;) {
      // Before the pull: a change during the pull causes another one, and is not missed.
      woken = false;
      let found: PullResult<Event> = 'END';
      try {
        if (!isDone()) found = await pullNext();
      } catch (error) {
        end();
        throw error;
      }
      if (found === 'END' || isDone()) {
        end();
        return { done: true, value: undefined };
      }
      if (found !== 'WAIT') return { done: false, value: found.event };
      if (!wasWoken()) await new Promise<void>((resolve) => (waiting = resolve));
      waiting = undefined;
    }
  }

  return {
    wake,
    end,
    events: {
      next() {
        const result = previous.then(pull);
        previous = result.catch(() => undefined);
        return result;
      },
      // Unlike an async generator's, this return() does not queue behind a pending next(): it wakes it.
      return() {
        end();
        return Promise.resolve({ done: true, value: undefined });
      },
      throw(error: unknown) {
        end();
        return Promise.reject(error instanceof Error ? error : new Error(String(error)));
      },
      [Symbol.asyncIterator]() {
        return this;
      },
      [Symbol.asyncDispose]() {
        end();
        return Promise.resolve();
      },
    },
  };
}
