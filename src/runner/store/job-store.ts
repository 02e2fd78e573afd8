import type { Change } from '../feeds/change-log.ts';
import type { FleetRecord } from './fleet-record.ts';
import { isTerminal, type Job } from '../job/job.ts';
import { createJobList, type JobList } from './job-index.ts';
import type { NoticeBook } from '../webhooks/notifications.ts';
import type { Idempotency, JobRecord, RecordedJob } from './job-record.ts';

/** All jobs as they are now; the one place where a job changes: recorded first, then in memory, then told to its feeds. */
export interface Jobs {
  readonly list: JobList;
  /** Reads every job from the record. @returns what is recorded of each */
  load(): RecordedJob[];
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

export interface JobsSettings {
  readonly record: JobRecord;
  readonly fleet: FleetRecord;
  readonly notifications: Pick<NoticeBook, 'noticesOf'>;
  /** Called after each change, when it is recorded and can be seen. */
  readonly onChange: (change: Change) => void;
}

/** The jobs in a record. */
export function createJobs({ record, fleet, notifications, onChange }: JobsSettings): Jobs {
  const list = createJobList();

  function changed(number: number, jobId: string, before: Job | null | undefined): void {
    onChange({ number, jobId, before });
  }

  return {
    list,
    load() {
      const recorded = record.load();
      for (const { job } of recorded) list.set(job);
      const past = recorded
        .filter(({ job }) => isTerminal(job.state.status))
        .map(({ job, change }) => ({ number: change, jobId: job.id }));
      for (const { number, jobId } of [...past, ...fleet.loadRemovals()].sort((a, b) => a.number - b.number)) {
        changed(number, jobId, undefined);
      }
      // What happened to these while no server ran is not known yet, and what was reported before is not in the record.
      for (const { job } of recorded) if (!isTerminal(job.state.status)) changed(fleet.next(), job.id, undefined);
      return recorded;
    },
    add(job, idempotency) {
      const number = fleet.next();
      record.add(job, number, idempotency);
      list.set(job);
      changed(number, job.id, null);
    },
    replace(next) {
      const before = list.get(next.id);
      if (before === next || !before) return;
      const number = fleet.next();
      // A subscriber may see a status only once it is recorded: its cursor counts on it after a restart. Progress is not
      // recorded, the status file has it.
      const notices = notifications.noticesOf(before, next);
      if (notices.length > 0 || isRecorded(before, next)) {
        record.save(next, number, before.transitions.length, notices);
      }
      list.set(next);
      changed(number, next.id, before);
    },
    begin(next) {
      const before = list.get(next.id);
      const number = fleet.next();
      record.saveAttempt(next, number, before?.transitions.length ?? 0);
      list.set(next);
      changed(number, next.id, before);
    },
    markDeleting(ids) {
      const removals = ids.map((jobId) => ({ number: fleet.next(), jobId }));
      record.markDeleting(removals);
      for (const { number, jobId } of removals) {
        const before = list.get(jobId);
        list.delete(jobId);
        changed(number, jobId, before);
      }
    },
    deleting: () => record.loadDeleting(),
    forget(ids) {
      record.remove(ids);
      for (const id of ids) {
        const before = list.get(id);
        if (!before) continue;
        list.delete(id);
        changed(fleet.next(), id, before);
      }
    },
  };
}

function isRecorded(before: Job, next: Job): boolean {
  return (
    before.transitions.length !== next.transitions.length ||
    before.state !== next.state ||
    before.request !== next.request ||
    before.notes !== next.notes ||
    before.checkpoint !== next.checkpoint ||
    before.retryAt !== next.retryAt ||
    before.process?.startTime !== next.process?.startTime ||
    before.supervisor?.startTime !== next.supervisor?.startTime
  );
}
