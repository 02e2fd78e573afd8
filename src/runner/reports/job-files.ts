import { isTerminal, type Job, type ProcessIdentity } from '../job/job.ts';

/** The spec file of a job: what its trainer is to do. */
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
    created_at: createdAt / 1000,
  };
}

/** The status file of a job, for the times at which no process of it lives and the runner is its one writer. */
export function statusFileOf(job: Job): object {
  const { progress, state } = job;
  const attemptBegan = job.transitions.findLastIndex(({ status }) => status === 'QUEUED');
  const startedAt = 'startedAt' in state ? state.startedAt : null;
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
    transitions: job.transitions.slice(attemptBegan).map(({ status, at }) => ({ status, at: at / 1000 })),
    simulation: job.simulation,
    pid: job.process?.pid ?? null,
    host: job.host,
    device: job.device,
    supervisor: identityFields(job.supervisor),
    process: identityFields(job.process),
    error:
      state.status === 'ERROR'
        ? { reason: state.failure.reason, message: state.failure.message, traceback: null }
        : null,
  };
}

function identityFields(identity: ProcessIdentity | null): object | null {
  return identity && { pid: identity.pid, start_time: identity.startTime, boot_id: identity.bootId };
}
