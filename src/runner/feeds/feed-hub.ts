import { createPullFeed, type Look } from './pull-feed.ts';

/** The open feeds of many jobs, each woken when its job has something new. */
export interface FeedHub {
  /** Wakes every feed of this job. Cheap, and never runs a reader's code. */
  notify(jobId: string): void;
  /** Wakes every feed of every job. */
  notifyAll(): void;
  /** How many feeds are open. */
  readonly size: number;
  /**
   * A feed of one job, which is `look`ed at when its reader asks (see {@link createPullFeed}).
   * @param onEnd called once, when it has ended for whatever reason
   */
  open<Event>(
    jobId: string,
    look: () => Look<Event> | Promise<Look<Event>>,
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
    notify(jobId) {
      for (const feed of feeds.get(jobId) ?? []) feed.wake();
    },
    notifyAll() {
      for (const others of feeds.values()) for (const feed of others) feed.wake();
    },
    get size() {
      return size;
    },
    open(jobId, look, onEnd) {
      const others = feeds.get(jobId) ?? new Set();
      const feed = createPullFeed({
        look,
        onEnd() {
          onEnd?.();
          size -= 1;
          others.delete(feed);
          if (others.size === 0 && feeds.get(jobId) === others) feeds.delete(jobId);
        },
      });
      // Registered before the first look at the job: a change in between is seen, not lost.
      feeds.set(jobId, others.add(feed));
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
