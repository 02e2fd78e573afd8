import { transition } from './transition.ts';
import { type Job, startedAtOf, type StopCause } from './types.ts';

/** A request to stop a job. */
export interface StopRequest {
  readonly cause: StopCause;
  /** Time to save a checkpoint before everything of the job is killed, ms. */
  readonly graceMs: number;
}

/**
 * Records a stop request. A job that was never launched is STOPPED at once; any other is STOPPING, with a deadline. Of two requests
 * the earlier deadline counts, so that a more urgent one has an effect, and a user's request overrides any other. A state without a
 * deadline (the trainer reported a stop that this runner did not request) gets one.
 * @param job a job that has not ended
 */
export function requestStop(job: Job, { cause, graceMs }: StopRequest, now: number): Job {
  const { state } = job;
  if (state.status === 'QUEUED' && job.handle === null) return stopWaiting(job, null, now);
  const requested = now + graceMs;
  if (state.status !== 'STOPPING') {
    const startedAt = startedAtOf(job);
    return transition(job, { status: 'STOPPING', startedAt, requestedAt: now, deadline: requested, cause }, now);
  }
  if (state.deadline === null) return { ...job, state: { ...state, requestedAt: now, deadline: requested, cause } };
  const deadline = Math.min(requested, state.deadline);
  return { ...job, state: { ...state, deadline, cause: cause === 'USER' ? cause : state.cause } };
}

/**
 * Ends a job that was never launched.
 * @param reason why, if no user requested it
 */
export function stopWaiting(job: Job, reason: string | null, now: number): Job {
  const stopped = { status: 'STOPPED', startedAt: null, finishedAt: now } as const;
  const stop = { graceful: true, killedAfterSeconds: null, reason };
  return transition({ ...job, sequence: job.sequence + 1, stop }, stopped, now);
}
