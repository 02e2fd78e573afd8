import { hasEnded, isWaiting, type SlurmJob } from './slurm-job.ts';

/** State in memory of an attempt. Its loss has no consequence. Times are monotonic, ms. */
export interface SlurmAttempt {
  /** Answers of Slurm before this time do not count. */
  changedAt: number;
  /** The submission that Slurm has accepted. */
  submitted?: { readonly id: number; readonly at: number } | undefined;
  /** Why Slurm refused the job for good, a sentence. */
  refused?: string | undefined;
  /** The Slurm job that has received SIGTERM. */
  signalled?: number | undefined;
  /** When the kill started, and when it was last repeated. */
  killedAt?: number | undefined;
  killRepeatedAt?: number | undefined;
  /** Since when Slurm says that nothing is alive. */
  endedSince?: number | undefined;
  /** The files of the attempt as they were last seen to change, and when that was. */
  files?: { readonly stamp: string; readonly at: number } | undefined;
  /** When its exit record was first seen. */
  exitSeenAt?: number | undefined;
}

/**
 * The Slurm job of an attempt, of those that have its name: there are several if the answer to a submission was lost. The one that runs,
 * else the one that waits, else the newest.
 */
export function newestOf(jobs: readonly SlurmJob[]): SlurmJob | undefined {
  const rank = (job: SlurmJob) => (hasEnded(job) ? 0 : isWaiting(job) ? 1 : 2);
  return jobs.toSorted((a, b) => rank(b) - rank(a) || b.id - a.id)[0];
}
