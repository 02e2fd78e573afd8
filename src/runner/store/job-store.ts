import type { EventChannel } from '../events.ts';
import { isTerminal } from '../job/status.ts';
import type { Job } from '../job/types.ts';
import type { FleetRecord } from './fleet-record.ts';
import { createJobIndex, type JobIndex } from './job-index.ts';
import type { Idempotency, JobRecord, RecordedJob } from './job-record.ts';

/** All jobs. The only place where a job changes: recorded first, then visible in the index, then published as an event. */
export interface JobStore {
  readonly index: JobIndex;
  /** Reads every job from the record. @returns the recorded jobs */
  load(): RecordedJob[];
  add(job: Job, idempotency: Idempotency | null): void;
  /** Replaces the job with this id by a newer version. @throws if it cannot be recorded; then nothing has changed */
  replace(next: Job): void;
  /** These are no longer jobs from now on; their files are about to be deleted. */
  markDeleting(ids: readonly string[]): void;
  /** Jobs whose deletion was interrupted. */
  deleting(): string[];
  /** Removes every trace of these jobs from the record. */
  forget(ids: readonly string[]): void;
}

/** Writes something else in the transaction that records a change of a job, for example messages about it. */
export type AlsoRecord = (before: Job, next: Job) => void;

export interface JobStoreSettings {
  readonly record: JobRecord;
  readonly fleet: FleetRecord;
  readonly events: EventChannel;
  readonly alsoRecord: AlsoRecord;
}

export function createJobStore({ record, fleet, events, alsoRecord }: JobStoreSettings): JobStore {
  const index = createJobIndex();

  function publish(number: number, jobId: string, before: Job | null | undefined): void {
    events.publish({ type: 'jobChanged', number, jobId, before });
  }

  return {
    index,
    load() {
      const recorded = record.load();
      index.load(recorded.map(({ job }) => job));
      const past = recorded
        .filter(({ job }) => isTerminal(job.state.status))
        .map(({ job, change }) => ({ number: change, jobId: job.id }));
      for (const { number, jobId } of [...past, ...fleet.loadRemovals()].sort((a, b) => a.number - b.number)) {
        publish(number, jobId, undefined);
      }
      // What happened to these while no server ran is not known yet, and earlier progress is not in the record.
      for (const { job } of recorded) if (!isTerminal(job.state.status)) publish(fleet.next(), job.id, undefined);
      return recorded;
    },
    add(job, idempotency) {
      const number = fleet.next();
      record.add(job, number, idempotency);
      index.set(job);
      publish(number, job.id, null);
    },
    replace(next) {
      const before = index.get(next.id);
      if (before === next || !before) return;
      const number = fleet.next();
      // A subscriber may see a status only once it is recorded: its cursor relies on that after a restart. Progress is not recorded:
      // the status file has it.
      if (isRecorded(before, next)) {
        record.save(next, number, before.transitions.length, () => alsoRecord(before, next));
      }
      index.set(next);
      publish(number, next.id, before);
    },
    markDeleting(ids) {
      const removals = ids.map((jobId) => ({ number: fleet.next(), jobId }));
      record.markDeleting(removals);
      for (const { number, jobId } of removals) {
        const before = index.get(jobId);
        index.delete(jobId);
        publish(number, jobId, before);
      }
    },
    deleting: () => record.loadDeleting(),
    forget(ids) {
      record.remove(ids);
      for (const id of ids) {
        const before = index.get(id);
        if (!before) continue;
        index.delete(id);
        publish(fleet.next(), id, before);
      }
    },
  };
}

/** Whether a change must survive a restart. Not so for progress alone. */
function isRecorded(before: Job, next: Job): boolean {
  return (
    before.transitions.length !== next.transitions.length ||
    before.state !== next.state ||
    before.health !== next.health ||
    before.request !== next.request ||
    before.notes !== next.notes ||
    before.checkpoint !== next.checkpoint ||
    before.retryAt !== next.retryAt ||
    before.handle !== next.handle
  );
}
