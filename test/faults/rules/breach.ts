import type { History } from '../history.ts';

/** Evidence that a history breaks a promise. */
export interface Breach {
  /** Null for a promise about the whole run. */
  readonly jobId: string | null;
  /** What was observed, and where: enough to find the cause. */
  readonly evidence: string;
}

/** Finds everything in a history that breaks one promise. */
export type Rule = (history: History) => Iterable<Breach>;
