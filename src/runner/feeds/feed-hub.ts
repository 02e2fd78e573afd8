import { createPullFeed, type PullResult } from './pull-feed.ts';

/** Open feeds by topic, for example by job id. Those of a topic are woken when it has something new. */
export interface FeedHub {
  /** Wakes every feed of this topic. Cheap, and never runs a reader's code. */
  notify(topic: string): void;
  /** Wakes every feed. */
  notifyAll(): void;
  /** The number of open feeds. */
  readonly size: number;
  /**
   * Opens a feed. `pullNext` finds the next event when its reader asks (see {@link createPullFeed}).
   * @param onEnd called once, when the feed has ended for whatever reason
   */
  open<Event>(
    topic: string,
    pullNext: () => PullResult<Event> | Promise<PullResult<Event>>,
    onEnd?: () => void,
  ): AsyncIterableIterator<Event>;
  /** Ends every feed, as when the server shuts down. */
  close(): void;
}

interface OpenFeed {
  wake(): void;
  end(): void;
}

/** A hub without feeds. */
export function createFeedHub(): FeedHub {
  const feeds = new Map<string, Set<OpenFeed>>();
  let size = 0;
  let closed = false;
  return {
    notify(topic) {
      for (const feed of feeds.get(topic) ?? []) feed.wake();
    },
    notifyAll() {
      for (const others of feeds.values()) for (const feed of others) feed.wake();
    },
    get size() {
      return size;
    },
    open(topic, pullNext, onEnd) {
      const others = feeds.get(topic) ?? new Set();
      const feed = createPullFeed({
        pullNext,
        onEnd() {
          onEnd?.();
          size -= 1;
          others.delete(feed);
          if (others.size === 0 && feeds.get(topic) === others) feeds.delete(topic);
        },
      });
      // Registered before the first pull: a change in between is not lost.
      feeds.set(topic, others.add(feed));
      size += 1;
      if (closed) feed.end();
      return feed.events;
    },
    close() {
      closed = true;
      for (const others of [...feeds.values()]) for (const feed of [...others]) feed.end();
    },
  };
}
