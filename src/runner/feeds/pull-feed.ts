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

/** The events of a feed, for a reader that iterates or for one that takes them. */
export interface FeedEvents<Event> extends AsyncIterableIterator<Event>, AsyncDisposable {
  /**
   * Takes the next event without a promise if it is there. For readers by the thousand: the promises of an iteration cost more than the
   * event. A reader uses either this or the iteration, and waits for a promise before it takes again.
   * @param wake called once after a `WAIT`, when there may be an event, within the change that causes it: it must be quick
   */
  take(wake: () => void): PullResult<Event> | Promise<PullResult<Event>>;
}

/** A live feed as an async iterator. */
export interface PullFeed<Event> {
  readonly events: FeedEvents<Event>;
  /** Signals that there may be a new event. Cheap, and never runs the reader's code, apart from the `wake` of a reader that takes. */
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

  // Changes during a pull.
  const isDone = () => done;

  function wake(): void {
    woken = true;
    const call = waiting;
    waiting = undefined;
    call?.();
  }

  function end(): void {
    if (done) return;
    done = true;
    onEnd();
    wake();
  }

  function fail(error: unknown): never {
    end();
    throw error;
  }

  function take(onWake: () => void): PullResult<Event> | Promise<PullResult<Event>> {
    if (done) return 'END';
    // Before the pull: a change during the pull causes another one, and is not missed.
    woken = false;
    let found: PullResult<Event> | Promise<PullResult<Event>>;
    try {
      found = pullNext();
    } catch (error) {
      return fail(error);
    }
    return found instanceof Promise ? found.then((result) => settle(result, onWake), fail) : settle(found, onWake);
  }

  function settle(found: PullResult<Event>, onWake: () => void): PullResult<Event> | Promise<PullResult<Event>> {
    if (found === 'END' || isDone()) {
      end();
      return 'END';
    }
    if (found === 'WAIT') {
      if (woken) return take(onWake);
      waiting = onWake;
    }
    return found;
  }

  async function pull(): Promise<IteratorResult<Event>> {
    for (;;) {
      const { promise: awake, resolve } = Promise.withResolvers<undefined>();
      const found = await take(() => resolve(undefined));
      if (found === 'END') return { done: true, value: undefined };
      if (found !== 'WAIT') return { done: false, value: found.event };
      await awake;
    }
  }

  return {
    wake,
    end,
    events: {
      take,
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
