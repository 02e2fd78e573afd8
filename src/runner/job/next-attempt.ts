import type { Job, Progress } from './types.ts';

/** The numbers of an attempt that has not started. */
export function noProgress(epochs: number | null, now: number): Progress {
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

/**
 * The numbers of an ended job whose next attempt continues from its checkpoint: they stay until the attempt reports its own. Percent and
 * total refer to the new total of epochs. Without a checkpoint the training starts over.
 */
function carriedProgress({ progress, checkpoint }: Job, epochs: number | null, now: number): Progress {
  if (checkpoint === null) return noProgress(epochs, now);
  const { percent, epoch, step } = progress;
  // A training that ended early has corrected its total to what was necessary: it is at 100% of that.
  const share = epochs !== null && progress.epochs !== null ? progress.epochs / epochs : 1;
  const totalSteps = progress.totalSteps === null ? null : Math.round(progress.totalSteps / share);
  return {
    ...noProgress(epochs, now),
    carried: true,
    percent: Math.min(100, percent * share),
    epoch,
    step,
    totalSteps,
    loss: progress.loss,
    metrics: progress.metrics,
  };
}

/**
 * Puts an ended job back to QUEUED for a new attempt. Its checkpoint stays until a better one exists.
 * @param epochs the total that the job is to reach, earlier attempts included; null if the trainer has no such setting
 * @param retries automatic retries so far, this attempt included
 */
export function nextAttempt(job: Job, epochs: number | null, retries: number, now: number): Job {
  const progress = carriedProgress(job, epochs, now);
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
    handle: null,
    retries,
    retryAt: null,
    killedAt: null,
    stop: null,
    peakMemoryBytes: null,
  };
}
