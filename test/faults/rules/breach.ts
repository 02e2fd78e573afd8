import type { History } from '../history.ts';

/** Evidence that a history breaks a promise. */
export interface Breach {
  /** Null for a promise about the whole run. */
  readonly jobId: string | null;
  /** The observation and its place: enough to find the cause. */
  readonly evidence: string;
}

/** Finds everything in a history that breaks one promise. */
export type Rule = (history: History) => Iterable<Breach>;
