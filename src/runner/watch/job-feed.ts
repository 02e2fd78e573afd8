import { decodeCursor, encodeCursor, type FeedPosition } from '../cursor.ts';
import { isTerminal, type Job, type JobEvent, type JobStatus, type Progress } from '../job.ts';

/** Tells the feeds of a job that it has changed. */
export interface FeedHub {
  /** Wakes every feed of this job. Cheap, and never runs a reader's code. */
  notify(jobId: string): void;
  /** How many feeds are open. */
  readonly size: number;
  /**
   * The feed of one job. `current` gives the job as it is now; it is not looked at before `ready`: a server that has only
   * read its record knows less than the one before it has told, and would take a good cursor for one from the future.
   */
  open(
    jobId: string,
    current: () => Job,
    after: string | null | undefined,
    ready?: Promise<unknown>,
  ): AsyncIterableIterator<JobEvent>;
  /** Ends every feed, as when the server shuts down. */
  close(): void;
}

/** `job` as one event, with the status and numbers that it has now. */
export function snapshotOf(job: Job, gap = false): JobEvent {
  return event(
    job,
    job.state.status,
    job.progress,
    { transitions: job.transitions.length, sequence: job.sequence },
    gap,
  );
}

function event(job: Job, status: JobStatus, progress: Progress, position: FeedPosition, gap: boolean): JobEvent {
  return { cursor: encodeCursor(job.id, position), status, progress, job, gap };
}

/** A hub without feeds. */
export function createFeedHub(): FeedHub {
  // Each feed is the function that wakes it. A feed holds a place, not a buffer: what a slow reader has not fetched yet
  // is worked out from the job when it asks, so it costs the same however slow it is.
  const feeds = new Map<string, Set<() => void>>();
  let size = 0;
  let closed = false;

  return {
    notify(jobId) {
      for (const wake of feeds.get(jobId) ?? []) wake();
    },
    get size() {
      return size;
    },
    open(jobId, current, after, ready) {
      const others = feeds.get(jobId) ?? new Set();
      feeds.set(jobId, others);
      // Registered before the first look at the job: a change in between is seen, not lost.
      let waiting: (() => void) | undefined;
      const wake = () => waiting?.();
      others.add(wake);
      size += 1;
      let done = closed;

      function finish(): void {
        done = true;
        if (others.delete(wake)) size -= 1;
        if (others.size === 0 && feeds.get(jobId) === others) feeds.delete(jobId);
        wake();
      }

      let follow: (() => JobEvent | 'WAIT' | 'END') | undefined;
      // Calls of next() that overlap are answered one after the other.
      let turn: Promise<unknown> = Promise.resolve();

      async function pull(): Promise<IteratorResult<JobEvent>> {
        if (!follow) await ready;
        follow ??= follower(current, after);
        for (;;) {
          const upcoming = isDone() ? 'END' : follow();
          if (upcoming === 'END') {
            finish();
            return { done: true, value: undefined };
          }
          if (upcoming !== 'WAIT') return { done: false, value: upcoming };
          // No await between the look above and this: nothing can be missed.
          await new Promise<void>((resolve) => (waiting = resolve));
          waiting = undefined;
        }
      }
      const isDone = () => done || closed;

      return {
        next() {
          const result = turn.then(pull);
          turn = result.catch(() => undefined);
          return result;
        },
        // Unlike an async generator's, this return() does not queue behind a pending next(): it wakes it.
        return() {
          finish();
          return Promise.resolve({ done: true, value: undefined });
        },
        throw(error: unknown) {
          finish();
          return Promise.reject(error instanceof Error ? error : new Error(String(error)));
        },
        [Symbol.asyncIterator]() {
          return this;
        },
        [Symbol.asyncDispose]() {
          finish();
          return Promise.resolve();
        },
      };
    },
    close() {
      closed = true;
      for (const wakers of [...feeds.values()]) for (const wake of [...wakers]) wake();
    },
  };
}

/** What comes next for a reader that goes through the feed from `after`: an event, nothing yet, or the end. */
function follower(current: () => Job, after: string | null | undefined): () => JobEvent | 'WAIT' | 'END' {
  let seen: FeedPosition | undefined;
  let health = current().health;
  let gap = false;
  let ended = false;
  if (after != null) {
    seen = decodeCursor(current(), after);
    gap = seen === undefined;
    // Whoever resumes after the last event of an ended job has seen everything.
    ended = seen?.transitions === current().transitions.length && isTerminal(current().state.status);
  }

  return () => {
    if (ended) return 'END';
    const job = current();
    if (!seen) {
      seen = { transitions: job.transitions.length, sequence: job.sequence };
      health = job.health;
      ended = isTerminal(job.state.status);
      return snapshotOf(job, gap);
    }
    const next = job.transitions[seen.transitions];
    if (next) {
      const newest = seen.transitions === job.transitions.length - 1;
      seen = { transitions: seen.transitions + 1, sequence: newest ? job.sequence : seen.sequence };
      if (newest) health = job.health;
      ended = isTerminal(next.status);
      return event(job, next.status, newest ? job.progress : next.progress, seen, false);
    }
    if (job.sequence > seen.sequence || job.health !== health) {
      seen = { transitions: seen.transitions, sequence: job.sequence };
      health = job.health;
      return event(job, job.state.status, job.progress, seen, false);
    }
    return 'WAIT';
  };
}
