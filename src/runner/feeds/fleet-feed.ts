import type { Job } from '../job/job.ts';
import { matcherOf } from '../store/job-filter.ts';
import type { JobChange, JobFilter } from '../store/job-query.ts';
import { createPullFeed, type Look, type PullFeed } from './pull-feed.ts';
import type { Change, ChangeLog } from './change-log.ts';
import type { FleetRecord } from '../store/fleet-record.ts';

/** Every job that appears, changes or goes, live. */
export interface FleetFeeds {
  /** Tells the feeds that there is something new in the log. */
  notify(): void;
  /** How many are open. */
  readonly size: number;
  /** See `Runner.watchJobs`. */
  open(filter: JobFilter | null | undefined, after: string | null | undefined): AsyncIterableIterator<JobChange>;
  close(): void;
}

export interface FleetFeedSettings {
  readonly record: FleetRecord;
  readonly log: ChangeLog;
  /** The job as it is now; undefined once it is deleted. */
  readonly current: (jobId: string) => Job | undefined;
  /** Every job that matches. */
  readonly select: (filter: JobFilter) => readonly Job[];
  /** Cursors are not judged before this resolves: until then jobs are only what the last server knew of them. */
  readonly ready: () => Promise<unknown>;
  /** Told how many changes of jobs a reader did not get, because newer ones of the same job had come before it asked. */
  readonly onCoalesced?: ((count: number) => void) | undefined;
}

/** Stands in a cursor for a place that does not exist: nothing goes on from it. */
const NOWHERE = -1;

export function createFleetFeeds(settings: FleetFeedSettings): FleetFeeds {
  const feeds = new Set<PullFeed<JobChange>>();
  let closed = false;
  return {
    notify() {
      for (const feed of feeds) feed.wake();
    },
    get size() {
      return feeds.size;
    },
    open(filter, after) {
      const feed = createPullFeed<JobChange>({
        look: follow(settings, filter, after),
        onEnd: () => feeds.delete(feed),
      });
      feeds.add(feed);
      if (closed) feed.end();
      return feed.events;
    },
    close() {
      closed = true;
      for (const feed of [...feeds]) feed.end();
    },
  };
}

/** What comes next for a reader: it goes through the log from a place of its own, and of each job gets the newest state. */
function follow(
  { record, log, current, select, ready, onCoalesced }: FleetFeedSettings,
  filter: JobFilter | null | undefined,
  after: string | null | undefined,
): () => Look<JobChange> | Promise<Look<JobChange>> {
  // Taken now, before anything is awaited: a feed without a cursor is one of everything from this moment on.
  let place = record.newest;
  let begun = false;
  const matches = matcherOf(filter);
  /** For a cursor that is of no use: what the reader gets instead, the last one first. */
  let snapshot: string[] = [];
  let gap = false;
  // A job whose change was overtaken before this reader came to it: whether the reader had been shown it.
  const pending = new Map<string, boolean>();

  function begin(): void {
    begun = true;
    if (after == null) return;
    const known = record.decode(after);
    if (known !== undefined) {
      place = known;
      return;
    }
    place = record.newest;
    snapshot = select(filter ?? {}).map(({ id }) => id);
    gap = true;
  }

  function look(): Look<JobChange> {
    for (let id = snapshot.pop(); id !== undefined; id = snapshot.pop()) {
      const job = current(id);
      // What changed meanwhile also stands in the log; it then comes a second time, as what it is then.
      if (!job || !matches(job)) continue;
      // Only who has the last of them has them all: who breaks off before that gets all of them again.
      const cursor = record.encode(snapshot.length === 0 ? place : NOWHERE);
      const event = { cursor, kind: 'ADDED' as const, jobId: id, job, gap };
      gap = false;
      return { event };
    }
    for (let change = log.next(place); change; change = log.next(place)) {
      place = change.number;
      const shown = pending.get(change.jobId) ?? wasShown(change);
      if (!log.isNewest(change)) {
        if (shown !== undefined) pending.set(change.jobId, shown);
        if (shown !== false) onCoalesced?.(1);
        continue;
      }
      pending.delete(change.jobId);
      const job = current(change.jobId);
      const shows = job !== undefined && matches(job);
      if (!shows && shown === false) continue;
      const kind = !shows ? 'REMOVED' : shown === false ? 'ADDED' : 'CHANGED';
      return { event: { cursor: record.encode(place), kind, jobId: change.jobId, job: job ?? null, gap: false } };
    }
    return 'WAIT';
  }

  /** Whether the filter let the job through before this change; undefined when that is not known. */
  function wasShown({ before }: Change): boolean | undefined {
    if (before === undefined) return undefined;
    return before !== null && matches(before);
  }

  return () => {
    if (begun) return look();
    return ready().then(() => {
      begin();
      return look();
    });
  };
}
