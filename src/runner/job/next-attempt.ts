import { MAX_BACKOFF_SECONDS } from '../life/start-input.ts';
import type { Job, JobState, Progress } from './job.ts';

/** The numbers of an attempt that has not begun. */
export function noProgress(epochs: number, now: number): Progress {
  return {
    percent: 0,
    epoch: 0,
    epochs,
    step: 0,
    totalSteps: null,
    loss: null,
    metrics: {},
    message: null,
    samplesPerSecond: null,
    etaSeconds: null,
    updatedAt: now,
  };
}

/** `job` waiting for a new attempt, `epochs` being what it is to reach in all. Its checkpoint stays until a better one exists. */
export function nextAttempt(job: Job, epochs: number, retries: number, now: number): Job {
  const progress = noProgress(epochs, now);
  const at = Math.max(now, job.transitions.at(-1)?.at ?? now);
  return {
    ...job,
    request: { ...job.request, epochs },
    attempt: job.attempt + 1,
    state: { status: 'QUEUED' },
    health: 'OK',
    progress,
    transitions: [...job.transitions, { status: 'QUEUED', at, progress }],
    sequence: job.sequence + 1,
    process: null,
    supervisor: null,
    gpuDevices: [],
    retries,
    retryAt: null,
  };
}

/** When a job that ended as `ended` is to be retried by itself, Unix ms; null when it is not. */
export function retryTime(job: Job, ended: JobState, now: number): number | null {
  const { retry } = job.request;
  if (!retry || ended.status !== 'ERROR' || job.retries >= retry.limit) return null;
  // Somebody wanted it to stop, whatever it ended as then.
  if (job.state.status === 'STOPPING' && job.state.cause === 'USER') return null;
  if (!retry.on.includes(ended.failure.reason)) return null;
  return now + Math.min(retry.backoffSeconds * 2 ** job.retries, MAX_BACKOFF_SECONDS) * 1000;
}
