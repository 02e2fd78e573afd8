import type { FailureReason } from './failure.ts';
import type { Job, JobState } from './types.ts';

/** The longest delay before a retry, however often it was doubled, seconds. */
export const MAX_BACKOFF_SECONDS = 60 * 60;

/** Failures that a retry with the same input would repeat: not retried by default. */
export const NOT_RETRIED_BY_DEFAULT: readonly FailureReason[] = ['INVALID_DATASET', 'TRAINER_ERROR', 'TIME_LIMIT'];

/** Failures that the cluster causes. The job gets a new attempt even without a retry policy, as Slurm itself requeues jobs. */
const CLUSTER_REASONS: readonly FailureReason[] = ['PREEMPTED', 'NODE_FAIL'];
const CLUSTER_BACKOFF_SECONDS = 10;
const MAX_CLUSTER_RETRIES = 100;

/**
 * When to retry a job that ended as `ended`, Unix ms; null if it is not retried.
 * @param job the job just before its end
 */
export function retryTime(job: Job, ended: JobState, now: number): number | null {
  const { retry } = job.request;
  if (ended.status !== 'ERROR') return null;
  // A user asked it to stop, whatever status it then ended with. Without a deadline, this runner has requested no stop yet.
  if (job.state.status === 'STOPPING' && job.state.cause === 'USER' && job.state.deadline !== null) return null;
  if (CLUSTER_REASONS.includes(ended.failure.reason) && retry?.limit !== 0) {
    const backoffSeconds = retry?.backoffSeconds ?? CLUSTER_BACKOFF_SECONDS;
    return job.retries < MAX_CLUSTER_RETRIES ? now + backoffSeconds * 1000 : null;
  }
  if (!retry || job.retries >= retry.limit || !retry.on.includes(ended.failure.reason)) return null;
  return now + Math.min(retry.backoffSeconds * 2 ** job.retries, MAX_BACKOFF_SECONDS) * 1000;
}
