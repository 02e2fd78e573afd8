import { bestOf } from './best-values.ts';
import type { StatusFile } from '../reports/status-file.ts';
import {
  isTerminal,
  type Job,
  type JobState,
  type JobStatus,
  NEXT,
  type ProcessIdentity,
  type Progress,
} from './job.ts';
import { transition } from './transition.ts';

/**
 * What a status file adds to what is known of a living job. The same `job` when it says nothing new. A terminal status in it
 * is only the trainer's claim, and is not taken up here: see `conclude`.
 */
export function observe(job: Job, file: StatusFile): Job {
  if (file.attempt !== job.attempt || file.sequence <= job.sequence || isTerminal(job.state.status)) return job;
  const progress = progressOf(job, file);
  const identified: Job = {
    ...job,
    sequence: file.sequence,
    health: 'OK',
    simulation: file.simulation,
    device: file.device ?? job.device,
    host: file.host ?? job.host,
    process: identityOf(file.process) ?? job.process,
    supervisor: identityOf(file.supervisor) ?? job.supervisor,
    checkpoint: file.checkpoint ?? job.checkpoint,
    best: bestOf(job.best, file),
  };
  let next = identified;
  for (const { status, at } of file.transitions) {
    // What was already known, and what a stop that we recorded has overtaken, is no longer a legal next status.
    if (isTerminal(status) || !NEXT[next.state.status].includes(status)) continue;
    next = transition(next, livingState(status, next, file), at);
  }
  if (next === identified) return { ...next, progress };
  // The newest status carries the newest numbers; those before it had the numbers known until then.
  const newest = next.transitions.at(-1);
  return {
    ...next,
    progress,
    transitions: [...next.transitions.slice(0, -1), ...(newest ? [{ ...newest, progress }] : [])],
  };
}

function livingState(status: JobStatus, job: Job, file: StatusFile): JobState {
  const startedAt = file.started_at === null ? file.updated_at : file.started_at;
  switch (status) {
    case 'STARTING':
    case 'LOADING':
    case 'RUNNING':
      return { status, startedAt };
    case 'STOPPING':
      return { status, startedAt: startedAtOf(job) ?? startedAt, deadline: null, cause: 'USER' };
    case 'QUEUED':
    case 'COMPLETED':
    case 'STOPPED':
    case 'ERROR':
      throw new Error(`${status} is not a living state`);
    default:
      return status satisfies never;
  }
}

/** When the attempt began, Unix ms; null while it has not. */
export function startedAtOf(job: Job): number | null {
  return 'startedAt' in job.state ? job.state.startedAt : null;
}

/** The numbers of a status file. Within an attempt steps, epochs and percent never fall, whatever the file says. */
export function progressOf(job: Job, file: StatusFile): Progress {
  const before = job.progress;
  return {
    percent: Math.max(file.progress, before.percent),
    epoch: Math.max(file.epoch, before.epoch),
    epochs: file.epochs ?? before.epochs,
    step: Math.max(file.step, before.step),
    totalSteps: file.total_steps,
    loss: file.loss,
    metrics: file.metrics,
    message: file.message,
    samplesPerSecond: file.samples_per_second,
    etaSeconds: file.eta_seconds,
    updatedAt: Math.max(file.updated_at, before.updatedAt),
  };
}

function identityOf(identity: StatusFile['process']): ProcessIdentity | null {
  return identity && { pid: identity.pid, startTime: identity.start_time, bootId: identity.boot_id };
}
