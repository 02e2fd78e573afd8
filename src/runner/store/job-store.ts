import type { EventChannel } from '../events.ts';
import { isTerminal } from '../job/status.ts';
import type { Job } from '../job/types.ts';
import type { FleetRecord } from './fleet-record.ts';
import { createJobIndex, type JobIndex } from './job-index.ts';
import type { Idempotency, JobRecord, JobSummary, RecordedJob } from './job-record.ts';

/** All jobs. The only place where a job changes: recorded first, then visible in the index, then published as an event. */
export interface JobStore {
  readonly index: JobIndex;
  /**
   * Takes over the jobs of the record. Those that need nothing at a start, because they have ended, are read later: one by one as they are
   * asked for, and the rest between other work.
   */
  load(): LoadedJobs;
  add(job: Job, idempotency: Idempotency | null): void;
  /** Adds all of them. @throws if they cannot be recorded; then there is none of them */
  addAll(jobs: readonly NewJob[]): void;
  /** Replaces the job with this id by a newer version. @throws if it cannot be recorded; then nothing has changed */
  replace(next: Job): void;
  /** Replaces many jobs in one transaction. @throws if they cannot be recorded; then none has changed */
  replaceAll(next: readonly Job[]): void;
  /** These are no longer jobs from now on; their files are about to be deleted. */
  markDeleting(ids: readonly string[]): void;
  /** Jobs whose deletion was interrupted. */
  deleting(): string[];
  /** Removes every trace of these jobs from the record. */
  forget(ids: readonly string[]): void;
}

export interface LoadedJobs {
  /** Jobs that have not ended, or wait for a retry, oldest first. */
  readonly unfinished: readonly RecordedJob[];
  /** The idempotency keys of all jobs. */
  readonly idempotency: readonly (Idempotency & { readonly jobId: string })[];
}

/** A job to add. */
export interface NewJob {
  readonly job: Job;
  readonly idempotency: Idempotency | null;
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

  function addAll(jobs: readonly NewJob[]): void {
    const numbered = jobs.map((entry) => ({ ...entry, change: fleet.next() }));
    record.addAll(numbered);
    for (const { job } of numbered) index.set(job);
    for (const { job, change } of numbered) publish(change, job.id, null);
  }

  function replaceAll(jobs: readonly Job[]): void {
    const changes = jobs.flatMap((job) => {
      const before = index.get(job.id);
      if (before === job || !before) return [];
      return [{ job, before, change: fleet.next(), saved: before.transitions.length }];
    });
    // A subscriber may see a status only once it is recorded: its cursor relies on that after a restart. Progress is not recorded:
    // the status file has it.
    const recorded = changes.filter(({ before, job }) => isRecorded(before, job));
    if (recorded.length > 0) {
      record.saveAll(recorded, () => {
        for (const { before, job } of recorded) alsoRecord(before, job);
      });
    }
    for (const { job } of changes) index.set(job);
    for (const { job, before, change } of changes) publish(change, job.id, before);
  }

  return {
    index,
    load() {
      const summaries = record.loadSummaries();
      const ended = summaries.filter(hasEnded);
      const unfinished = summaries
        .filter((summary) => !hasEnded(summary))
        .map(({ id }) => record.read(id))
        .sort(({ job: a }, { job: b }) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
      index.load(
        unfinished.map(({ job }) => job),
        ended,
        {
          read: (id) => record.read(id).job,
          readAfter: (id, limit) => record.readAfter(id, limit).map(({ job }) => job),
        },
      );
      const past = summaries.filter(({ status }) => isTerminal(status));
      const removals = fleet.loadRemovals().map(({ number, jobId }) => ({ change: number, id: jobId }));
      for (const { change, id } of [...past, ...removals].sort((a, b) => a.change - b.change)) {
        publish(change, id, undefined);
      }
      // Changes while no server ran are not known yet, and earlier progress is not in the record.
      for (const { job } of unfinished) if (!isTerminal(job.state.status)) publish(fleet.next(), job.id, undefined);
      const idempotency = [];
      for (const { id, idempotencyKey: key, idempotencyDigest: digest } of summaries) {
        if (key !== null) idempotency.push({ jobId: id, key, digest: digest ?? '' });
      }
      return { unfinished, idempotency };
    },
    add: (job, idempotency) => addAll([{ job, idempotency }]),
    addAll,
    replace: (next) => replaceAll([next]),
    replaceAll,
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
      // Read before they are removed.
      const known = ids.flatMap((id) => index.get(id) ?? []);
      record.remove(ids);
      for (const before of known) {
        index.delete(before.id);
        publish(fleet.next(), before.id, before);
      }
    },
  };
}

/** Whether a job changes only on request. */
function hasEnded({ status, retryAt }: JobSummary): boolean {
  return isTerminal(status) && retryAt === null;
}

/** Whether a change must survive a restart. Not so for progress alone. */
function isRecorded(before: Job, next: Job): boolean {
  return (
    before.transitions.length !== next.transitions.length ||
    before.state !== next.state ||
    before.health !== next.health ||
    before.request !== next.request ||
    before.place !== next.place ||
    before.unmet !== next.unmet ||
    before.notes !== next.notes ||
    before.checkpoint !== next.checkpoint ||
    before.retryAt !== next.retryAt ||
    before.handle !== next.handle
  );
}
