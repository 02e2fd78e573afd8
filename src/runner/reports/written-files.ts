import type { ProcessIdentity, ReportedProcesses } from '../job/reports.ts';
import { isTerminal } from '../job/status.ts';
import { type Job, startedAtOf } from '../job/types.ts';

/** The spec file of a job: the input of its trainer. */
export function specFileOf({ id, request, createdAt }: Job): object {
  return {
    version: 1,
    job_id: id,
    name: request.name,
    trainer: request.trainer,
    backend: request.backend,
    dataset: request.dataset,
    epochs: request.epochs,
    batch_size: request.batchSize,
    learning_rate: request.learningRate,
    seed: request.seed,
    options: request.options,
    arguments: request.arguments,
    processes: request.processes,
    nodes: request.resources?.nodes ?? 1,
    created_at: createdAt / 1000,
  };
}

/** The status file of a job as the runner writes it, which it does only while no process of the job is alive. */
export function statusFileOf(job: Job, processes: ReportedProcesses | null): object {
  const { progress, state } = job;
  const attemptStart = job.transitions.findLastIndex(({ status }) => status === 'QUEUED');
  const startedAt = startedAtOf(job);
  return {
    version: 1,
    job_id: job.id,
    attempt: job.attempt,
    sequence: job.sequence,
    status: state.status,
    progress: progress.percent,
    epoch: progress.epoch,
    epochs: progress.epochs,
    step: progress.step,
    total_steps: progress.totalSteps,
    loss: progress.loss,
    metrics: progress.metrics,
    message: progress.message,
    checkpoint: job.checkpoint,
    samples_per_second: progress.samplesPerSecond,
    eta_seconds: isTerminal(state.status) ? null : progress.etaSeconds,
    created_at: job.createdAt / 1000,
    started_at: startedAt === null ? null : startedAt / 1000,
    updated_at: progress.updatedAt / 1000,
    finished_at: 'finishedAt' in state ? state.finishedAt / 1000 : null,
    transitions: job.transitions.slice(attemptStart).map(({ status, at }) => ({ status, at: at / 1000 })),
    simulation: job.simulation,
    pid: processes?.trainer?.pid ?? null,
    host: job.host,
    device: job.device,
    supervisor: identityFields(processes?.supervisor),
    process: identityFields(processes?.trainer),
    error:
      state.status === 'ERROR'
        ? { reason: state.failure.reason, message: state.failure.message, traceback: null }
        : null,
  };
}

function identityFields(identity: ProcessIdentity | null | undefined): object | null {
  return identity ? { pid: identity.pid, start_time: identity.startTime, boot_id: identity.bootId } : null;
}
