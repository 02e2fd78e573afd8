import { decodeCursor, encodeCursor, type FeedPosition } from './cursor.ts';
import { isTerminal, type JobStatus } from '../job/status.ts';
import type { Job, Progress } from '../job/types.ts';
import type { JobEvent } from './job-event.ts';
import type { PullResult } from './pull-feed.ts';

/** The newest event of each job, which is the same for all of its readers. Jobs do not change. */
const newestEvents = new WeakMap<Job, JobEvent>();

/** The current state of `job` as one event. */
export function snapshotOf(job: Job, gap = false): JobEvent {
  const known = newestEvents.get(job);
  if (known && !gap) return known;
  const position = { transitions: job.transitions.length, sequence: job.sequence };
  const newest = event(job, job.state.status, job.progress, position, gap);
  if (!gap) newestEvents.set(job, newest);
  return newest;
}

function event(job: Job, status: JobStatus, progress: Progress, position: FeedPosition, gap: boolean): JobEvent {
  return { cursor: encodeCursor(job.id, position), status, progress, job, gap };
}

/**
 * Finds the next event for a reader of the feed of a job, from `after` on.
 * @param current returns the current job; undefined once it is deleted, which ends the feed
 * @param ready resolves when cursors can be evaluated: before the reconciliation, a server knows less than the last server has published,
 *   and a valid cursor would look like one from the future
 * @param onCoalesced called with the number of versions of the job that this reader skipped, because newer ones replaced them
 */
export function followJob(
  current: () => Job | undefined,
  after: string | null | undefined,
  ready: Promise<unknown> = Promise.resolve(),
  onCoalesced: (count: number) => void = () => {},
): () => PullResult<JobEvent> | Promise<PullResult<JobEvent>> {
  let follow: (() => PullResult<JobEvent>) | undefined;
  return () => {
    if (follow) return follow();
    return ready.then(() => {
      const job = current();
      follow ??= job ? follower(job, current, after, onCoalesced) : () => 'END';
      return follow();
    });
  };
}

function follower(
  first: Job,
  current: () => Job | undefined,
  after: string | null | undefined,
  onCoalesced: (count: number) => void,
): () => PullResult<JobEvent> {
  let seen: FeedPosition | undefined;
  let health = first.health;
  let gap = false;
  let ended = false;
  // Status events that were sent since `seen.sequence`; each had its own version.
  let sentSince = 0;
  if (after != null) {
    seen = decodeCursor(first, after);
    gap = seen === undefined;
    // A reader that resumes after the last event of an ended job has received everything.
    ended = seen?.transitions === first.transitions.length && isTerminal(first.state.status);
  }

  function catchUp(sequence: number): void {
    const missed = sequence - (seen?.sequence ?? sequence) - 1 - sentSince;
    sentSince = 0;
    if (missed > 0) onCoalesced(missed);
  }

  return () => {
    if (ended) return 'END';
    const job = current();
    if (!job) return 'END';
    if (!seen) {
      seen = { transitions: job.transitions.length, sequence: job.sequence };
      health = job.health;
      ended = isTerminal(job.state.status);
      return { event: snapshotOf(job, gap) };
    }
    const next = job.transitions[seen.transitions];
    if (next) {
      const newest = seen.transitions === job.transitions.length - 1;
      if (newest) catchUp(job.sequence);
      else sentSince += 1;
      seen = { transitions: seen.transitions + 1, sequence: newest ? job.sequence : seen.sequence };
      if (newest) health = job.health;
      ended = isTerminal(next.status);
      return {
        event:
          newest && next.status === job.state.status
            ? snapshotOf(job)
            : event(job, next.status, newest ? job.progress : next.progress, seen, false),
      };
    }
    if (job.sequence > seen.sequence || job.health !== health) {
      catchUp(job.sequence);
      seen = { transitions: seen.transitions, sequence: job.sequence };
      health = job.health;
      return { event: snapshotOf(job) };
    }
    return 'WAIT';
  };
}
