import { bestValues } from './best-values.ts';
import { noProgress } from './next-attempt.ts';
import type { StatusReport } from './reports.ts';
import { nextScore } from './next-score.ts';
import { isTerminal, type JobStatus, mayFollow } from './status.ts';
import { transition } from './transition.ts';
import { type Handle, type Job, type JobState, type Progress, startedAtOf } from './types.ts';

/**
 * Adds a status report to a job that has not ended. Returns the same `job` if the report is not newer. A terminal status in a report
 * is the trainer's claim only and is not applied here: see `outcomeOf`.
 * @param handle the job's handle, with what its launcher recognised in the report
 */
export function applyStatus(job: Job, report: StatusReport, handle: Handle | null = job.handle): Job {
  if (report.attempt !== job.attempt || report.sequence <= job.sequence || isTerminal(job.state.status)) return job;
  const progress = progressOf(job, report);
  const best = bestValues(job.best, report);
  const reported: Job = {
    ...job,
    sequence: report.sequence,
    health: 'OK',
    simulation: report.simulation,
    device: report.device ?? job.device,
    host: report.host ?? job.host,
    handle,
    checkpoint: report.checkpoint ?? job.checkpoint,
    // A new attempt repeats the one that it continues from.
    findsCheckpoint: report.checkpoint === null || report.checkpoint === job.checkpoint ? job.findsCheckpoint : false,
    best,
    score: nextScore(job.score, report, best),
  };
  let next = reported;
  for (const { status, at } of report.transitions) {
    // A status that is already known, or that a recorded stop has overtaken, is no longer a legal next one.
    if (isTerminal(status) || !mayFollow(next.state.status, status)) continue;
    next = transition(next, liveState(status, next, report), at);
  }
  if (next === reported) return { ...next, progress };
  // The newest status has the newest numbers; those before it had the numbers known until then.
  const newest = next.transitions.at(-1);
  return {
    ...next,
    progress,
    transitions: [...next.transitions.slice(0, -1), ...(newest ? [{ ...newest, progress }] : [])],
  };
}

function liveState(status: JobStatus, job: Job, report: StatusReport): JobState {
  const startedAt = report.startedAt ?? report.updatedAt;
  switch (status) {
    case 'STARTING':
    case 'LOADING':
    case 'RUNNING':
      return { status, startedAt };
    case 'STOPPING':
      return {
        ...{ status, startedAt: startedAtOf(job) ?? startedAt },
        ...{ requestedAt: null, deadline: null, cause: 'FOREIGN_SIGNAL' },
      };
    case 'QUEUED':
    case 'COMPLETED':
    case 'STOPPED':
    case 'ERROR':
      throw new Error(`${status} is not a live state`);
    default:
      return status satisfies never;
  }
}

/**
 * The numbers of a report. Within an attempt step, epoch and percent never decrease, whatever the report says. Until the first step of a
 * new attempt, the numbers of the attempt before stay: it may have to start over, and then its first step is lower.
 */
export function progressOf(job: Job, report: StatusReport): Progress {
  const { carried = false, loss, metrics, totalSteps, epochs, updatedAt } = job.progress;
  if (carried && report.firstStep !== null) return numbersOf(report, noProgress(epochs, updatedAt));
  const progress = numbersOf(report, job.progress);
  if (!carried) return progress;
  return {
    ...progress,
    carried,
    totalSteps: report.totalSteps ?? totalSteps,
    loss: report.loss ?? loss,
    metrics: Object.keys(report.metrics).length > 0 ? report.metrics : metrics,
  };
}

function numbersOf(report: StatusReport, before: Progress): Progress {
  return {
    percent: Math.max(report.percent, before.percent),
    epoch: Math.max(report.epoch, before.epoch),
    epochs: report.epochs ?? before.epochs,
    step: Math.max(report.step, before.step),
    totalSteps: report.totalSteps,
    loss: report.loss,
    metrics: report.metrics,
    message: report.message,
    samplesPerSecond: report.samplesPerSecond,
    etaSeconds: report.etaSeconds,
    updatedAt: Math.max(report.updatedAt, before.updatedAt),
  };
}
