import type { Job } from '../job/job.ts';

/** That a job changed, appeared or went. Only the newest change of a job counts: it is {@link ChangeLog.isNewest}. */
export interface Change {
  /** Rises with every change, over restarts too. */
  readonly number: number;
  readonly jobId: string;
  /** The job as it was before; null when this is what made it; undefined when that is not known any more. */
  readonly before: Job | null | undefined;
}

/** All jobs in the order of their newest change, so that what has changed since some moment costs no more than it is. */
export interface ChangeLog {
  /** Adds a change newer than all others. */
  add(change: Change): void;
  /** The oldest change after this number, if any; it may be overtaken by a newer one of the same job. */
  next(number: number): Change | undefined;
  /** Whether a job has not changed again since. */
  isNewest(change: Change): boolean;
}

/** Changes that are overtaken are cleared away when there are as many of them as jobs, and this many more. */
const SLACK = 1024;

/** An empty log. */
export function createChangeLog(): ChangeLog {
  let log: Change[] = [];
  const newest = new Map<string, number>();

  function add(change: Change): void {
    log.push(change);
    newest.set(change.jobId, change.number);
    if (log.length > 2 * newest.size + SLACK) compact();
  }

  const isNewest = ({ jobId, number }: Change) => newest.get(jobId) === number;

  /**
   * Leaves the newest change of each job. What a job was like before is then only known to those who had seen what is cleared
   * away; for others, the slow ones, it is not known any more.
   */
  function compact(): void {
    const overtaken = new Set<string>();
    const kept: Change[] = [];
    for (const change of log) {
      if (!isNewest(change)) overtaken.add(change.jobId);
      else kept.push(overtaken.has(change.jobId) ? { ...change, before: undefined } : change);
    }
    log = kept;
  }

  return {
    add,
    isNewest,
    next(number) {
      let low = 0;
      let high = log.length;
      // Mostly nothing is new, or one thing is.
      if (high > 1 && (log[high - 2] as Change).number <= number) low = high - 1;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if ((log[middle] as Change).number > number) high = middle;
        else low = middle + 1;
      }
      return log[low];
    },
  };
}
