import { isTerminal } from '../job/status.ts';
import type { JobStore } from '../store/job-store.ts';
import type { Deletion } from './delete-jobs.ts';
import type { NewAttempts } from './new-attempts.ts';
import type { Scheduler } from './scheduler.ts';
import type { Submit } from './submit.ts';

export interface ReconcileSettings {
  readonly jobs: JobStore;
  readonly submit: Submit;
  readonly attempts: NewAttempts;
  readonly scheduler: Scheduler;
  readonly deletion: Deletion;
}

/** Reads the record and takes over what an earlier server left: live and dead attempts, stops, the queue, retries, deletions. */
export async function reconcile({ jobs, submit, attempts, scheduler, deletion }: ReconcileSettings): Promise<void> {
  const { unfinished, idempotency } = jobs.load();
  for (const { jobId, ...known } of idempotency) submit.remember(known, jobId);
  for (const { job } of unfinished) if (isTerminal(job.state.status)) attempts.schedule(job);
  await scheduler.adopt(unfinished);
  await deletion.resume();
  scheduler.fillSlots();
}
