import type { Job } from './job.ts';
import { createJobList, type JobList } from './job-list.ts';
import type { Idempotency, JobRecord } from './record/job-record.ts';

/** All jobs as they are now; the one place where a job changes: recorded first, then in memory, then told to its feeds. */
export interface Jobs {
  readonly list: JobList;
  add(job: Job, idempotency: Idempotency | null): void;
  /** Takes `next` in the place of the job with its id. @throws when it cannot be recorded; then nothing has changed */
  replace(next: Job): void;
  /** Takes a job that waits for a new attempt in the place of the ended one. */
  begin(next: Job): void;
  /** From now on these are no jobs any more; their files are about to go. */
  markDeleting(ids: readonly string[]): void;
  /** Those whose deletion was interrupted. */
  deleting(): string[];
  /** Removes every trace of these from the record. */
  forget(ids: readonly string[]): void;
}

/** The jobs in `record`. `onChange` is called with the id of each job that has changed. */
export function createJobs(record: JobRecord, onChange: (jobId: string) => void): Jobs {
  const list = createJobList();
  return {
    list,
    add(job, idempotency) {
      record.add(job, idempotency);
      list.set(job);
    },
    replace(next) {
      const before = list.get(next.id);
      if (before === next || !before) return;
      // A subscriber may see a status only once it is recorded: its cursor counts on it after a restart. Progress is not
      // recorded, the status file has it.
      if (isRecorded(before, next)) record.save(next, before.transitions.length);
      list.set(next);
      onChange(next.id);
    },
    begin(next) {
      record.saveAttempt(next, list.get(next.id)?.transitions.length ?? 0);
      list.set(next);
      onChange(next.id);
    },
    markDeleting(ids) {
      record.markDeleting(ids);
      for (const id of ids) {
        list.delete(id);
        onChange(id);
      }
    },
    deleting: () => record.loadDeleting(),
    forget(ids) {
      record.remove(ids);
      for (const id of ids) list.delete(id);
    },
  };
}

function isRecorded(before: Job, next: Job): boolean {
  return (
    before.transitions.length !== next.transitions.length ||
    before.state !== next.state ||
    before.checkpoint !== next.checkpoint ||
    before.retryAt !== next.retryAt ||
    before.process?.startTime !== next.process?.startTime ||
    before.supervisor?.startTime !== next.supervisor?.startTime
  );
}
