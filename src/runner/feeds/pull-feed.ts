/** What a feed finds when it looks: something to say, nothing yet, or that there will never be more. */
export type Look<Event> = { readonly event: Event } | 'WAIT' | 'END';

export interface PullFeedSource<Event> {
  /**
   * Finds what comes next for this reader. It is called when the reader asks and, after a `WAIT`, each time the feed was woken;
   * never twice at once.
   */
  look(): Look<Event> | Promise<Look<Event>>;
  /** Called once, when the feed has ended for whatever reason. */
  onEnd(): void;
}

/** A live feed that is read by asking. */
export interface PullFeed<Event> {
  readonly events: AsyncIterableIterator<Event> & AsyncDisposable;
  /** Says that there may be something new. Cheap, and never runs the reader's code. */
  wake(): void;
  /** Ends the feed, also under a reader that waits. */
  end(): void;
}

/**
 * A feed that holds a place, not a buffer: what a slow reader has not fetched yet is worked out when it asks, so it costs the
 * same however slow it is.
 */
export function createPullFeed<Event>({ look, onEnd }: PullFeedSource<Event>): PullFeed<Event> {
  let waiting: (() => void) | undefined;
  let woken = false;
  let done = false;
  // Calls of next() that overlap are answered one after the other.
  let turn: Promise<unknown> = Promise.resolve();

  // Both change while a look goes on.
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
      // Before the look: what changes while it goes on is looked at again, not missed.
      woken = false;
      let found: Look<Event> = 'END';
      try {
        if (!isDone()) found = await look();
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
        const result = turn.then(pull);
        turn = result.catch(() => undefined);
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
