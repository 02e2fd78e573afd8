import type { JobChanged } from '../events.ts';
import type { Job } from '../job/types.ts';
import type { FleetRecord } from '../store/fleet-record.ts';
import { matcherOf } from '../store/job-filter.ts';
import type { JobChange, JobFilter } from '../store/job-query.ts';
import type { ChangeLog } from './change-log.ts';
import type { PullResult } from './pull-feed.ts';

/** The sources of a feed of all jobs. */
export interface FleetFeedSources {
  readonly fleet: FleetRecord;
  readonly changes: ChangeLog;
  /** The job as it is now; undefined once it is deleted. */
  readonly current: (jobId: string) => Job | undefined;
  /** Every job that matches. */
  readonly select: (filter: JobFilter) => readonly Job[];
  /** Cursors are not evaluated before this resolves: until then jobs are only what the last server knew of them. */
  readonly ready: Promise<unknown>;
  /** Called with the number of changes that a reader skipped, because newer ones of the same job replaced them before it asked. */
  readonly onCoalesced: (count: number) => void;
}

/** A cursor position that does not exist: a feed that resumes from it returns all jobs again. */
const NOWHERE = -1;

/**
 * Finds what comes next for a reader of all jobs: it goes through the change log from a position of its own, and for each job gets the
 * newest state. An invalid cursor gives all matching jobs, the first with `gap: true`.
 */
export function followFleet(
  { fleet, changes, current, select, ready, onCoalesced }: FleetFeedSources,
  filter: JobFilter | null | undefined,
  after: string | null | undefined,
): () => PullResult<JobChange> | Promise<PullResult<JobChange>> {
  // Taken now, before anything is awaited: a feed without a cursor covers everything from this moment on.
  let position = fleet.newest;
  let started = false;
  const matches = matcherOf(filter);
  /** With an invalid cursor: the jobs that the reader gets instead, the last one first. */
  let snapshot: string[] = [];
  let gap = false;
  // Jobs whose change was replaced before this reader came to it: whether the reader had been shown the job.
  const pending = new Map<string, boolean>();

  function start(): void {
    started = true;
    if (after == null) return;
    const known = fleet.decode(after);
    if (known !== undefined) {
      position = known;
      return;
    }
    position = fleet.newest;
    snapshot = select(filter ?? {}).map(({ id }) => id);
    gap = true;
  }

  function pullNext(): PullResult<JobChange> {
    for (let id = snapshot.pop(); id !== undefined; id = snapshot.pop()) {
      const job = current(id);
      // Changes in the meantime are also in the log; these jobs then come a second time, in their newer state.
      if (!job || !matches(job)) continue;
      // Only a reader of the last one has them all: one that disconnects earlier gets all of them again.
      const cursor = fleet.encode(snapshot.length === 0 ? position : NOWHERE);
      const event = { cursor, kind: 'ADDED' as const, jobId: id, job, gap };
      gap = false;
      return { event };
    }
    for (let change = changes.next(position); change; change = changes.next(position)) {
      position = change.number;
      const shown = pending.get(change.jobId) ?? wasShown(change);
      if (!changes.isNewest(change)) {
        if (shown !== undefined) pending.set(change.jobId, shown);
        if (shown !== false) onCoalesced(1);
        continue;
      }
      pending.delete(change.jobId);
      const job = current(change.jobId);
      const shows = job !== undefined && matches(job);
      if (!shows && shown === false) continue;
      const kind = !shows ? 'REMOVED' : shown === false ? 'ADDED' : 'CHANGED';
      return { event: { cursor: fleet.encode(position), kind, jobId: change.jobId, job: job ?? null, gap: false } };
    }
    return 'WAIT';
  }

  /** Whether the job matched the filter before this change; undefined if that is not known. */
  function wasShown({ before }: JobChanged): boolean | undefined {
    if (before === undefined) return undefined;
    return before !== null && matches(before);
  }

  return () => {
    if (started) return pullNext();
    return ready.then(() => {
      start();
      return pullNext();
    });
  };
}
