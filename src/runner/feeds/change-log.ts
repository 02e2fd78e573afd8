import type { JobChanged } from '../events.ts';

/** All jobs in the order of their newest change, so that what has changed since some moment costs no more than it is. */
export interface ChangeLog {
  /** Adds a change newer than all others. */
  add(change: JobChanged): void;
  /** The oldest change after this number, if any; it may be overtaken by a newer one of the same job. */
  next(number: number): JobChanged | undefined;
  /** Whether a job has not changed again since. */
  isNewest(change: JobChanged): boolean;
}

/** Changes that are overtaken are cleared away when there are as many of them as jobs, and this many more. */
const SLACK = 1024;

/** An empty log. */
export function createChangeLog(): ChangeLog {
  let log: JobChanged[] = [];
  const newest = new Map<string, number>();

  function add(change: JobChanged): void {
    log.push(change);
    newest.set(change.jobId, change.number);
    if (log.length > 2 * newest.size + SLACK) compact();
  }

  const isNewest = ({ jobId, number }: JobChanged) => newest.get(jobId) === number;

  /**
   * Leaves the newest change of each job. What a job was like before is then only known to those who had seen what is cleared
   * away; for others, the slow ones, it is not known any more.
   */
  function compact(): void {
    const overtaken = new Set<string>();
    const kept: JobChanged[] = [];
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
      if (high > 1 && (log[high - 2] as JobChanged).number <= number) low = high - 1;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if ((log[middle] as JobChanged).number > number) high = middle;
        else low = middle + 1;
      }
      return log[low];
    },
  };
}
