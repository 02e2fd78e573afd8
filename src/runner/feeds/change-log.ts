import type { JobChanged } from '../events.ts';
import { firstIndex } from '../first-index.ts';

/** All jobs in the order of their newest change. The cost of reading changes since a position is proportional to their number. */
export interface ChangeLog {
  /** Adds a change newer than all others. */
  add(change: JobChanged): void;
  /** The oldest change after this number, if any; a newer change of the same job may have replaced it. */
  next(number: number): JobChanged | undefined;
  /** Whether this is still the newest change of its job. */
  isNewest(change: JobChanged): boolean;
}

/** Replaced changes are removed once there are as many of them as jobs, plus this number. */
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
   * Keeps only the newest change of each job. For a slow reader that has not read the removed changes, the job before the change is then
   * no longer known.
   */
  function compact(): void {
    const replaced = new Set<string>();
    const kept: JobChanged[] = [];
    for (const change of log) {
      if (!isNewest(change)) replaced.add(change.jobId);
      else kept.push(replaced.has(change.jobId) ? { ...change, before: undefined } : change);
    }
    log = kept;
  }

  return {
    add,
    isNewest,
    next(number) {
      const isNew = (index: number) => (log[index] as JobChanged).number > number;
      // The usual case: at most one change is new.
      const start = log.length > 1 && !isNew(log.length - 2) ? log.length - 1 : 0;
      return log[firstIndex(log.length, isNew, start)];
    },
  };
}
