import type { Compilable, Selectable } from 'kysely';
import type { TrainingRequest } from '../job/request.ts';
import type { JobFailure } from '../job/failure.ts';
import { suggestedScore } from '../job/next-score.ts';
import type { Score } from '../job/score.ts';
import type { JobStatus } from '../job/status.ts';
import type { Handle, Job, JobState, Progress, StopOutcome, Transition } from '../job/types.ts';
import { type Database, sql } from './database.ts';
import type { FleetRecord, Removal } from './fleet-record.ts';
import type { Tables } from './schema.ts';

/** A job as it is recorded. */
export interface RecordedJob {
  readonly job: Job;
  readonly idempotency: Idempotency | null;
  /** The number of its newest recorded change. */
  readonly change: number;
}

export interface Idempotency {
  readonly key: string;
  /** Digest of the input that the key was first used with. */
  readonly digest: string;
}

/** The part of a recorded job that can be read for all of them at once. */
export interface JobSummary {
  readonly id: string;
  readonly createdAt: number;
  readonly startedBy: string | null;
  readonly status: JobStatus;
  readonly retryAt: number | null;
  readonly idempotencyKey: string | null;
  /** Null without a key. */
  readonly idempotencyDigest: string | null;
  readonly change: number;
}

/** A newer version of a job to save. */
export interface JobToSave {
  readonly job: Job;
  readonly change: number;
  /** Number of its transitions that are saved already. */
  readonly saved: number;
}

/** The durable record of jobs. Each call is one transaction, committed when it returns. */
export interface JobRecord {
  add(job: Job, change: number, idempotency: Idempotency | null): void;
  /** Adds all of them or, if it throws, none. */
  addAll(jobs: readonly RecordedJob[]): void;
  /**
   * Saves the state of jobs and their new transitions: of all or, if it throws, of none.
   * @param within runs inside the transaction: what it writes is recorded together with the jobs, or not at all
   */
  saveAll(jobs: readonly JobToSave[], within?: () => void): void;
  /** Records that the files of these jobs are being deleted: they are no longer jobs, and their idempotency keys are free. */
  markDeleting(removals: readonly Removal[]): void;
  remove(jobIds: readonly string[]): void;
  /** The part of every job that a start needs, in no order. */
  loadSummaries(): JobSummary[];
  /** The job with this id. @throws if there is none */
  read(id: string): RecordedJob;
  /** Up to `limit` jobs after this id, in the order of their ids. */
  readAfter(id: string, limit: number): RecordedJob[];
  /** Jobs whose deletion was interrupted. */
  loadDeleting(): string[];
}

export function createJobRecord(database: Database, fleet: FleetRecord): JobRecord {
  function addTransitions(job: Job, from: number): void {
    for (const [index, { status, at, progress }] of job.transitions.slice(from).entries()) {
      const row = { job_id: job.id, position: from + index, status, at, progress: JSON.stringify(progress) };
      database.run(sql.insertInto('transitions').values(row));
    }
  }

  function addAll(jobs: readonly RecordedJob[]): void {
    database.transaction(() => {
      for (const { job, change, idempotency } of jobs) {
        database.run(
          sql.insertInto('jobs').values({
            id: job.id,
            created_at: job.createdAt,
            started_by: job.startedBy,
            idempotency_key: idempotency?.key ?? null,
            idempotency_digest: idempotency?.digest ?? null,
            deleting: 0,
            ...columnsOf(job, change),
          }),
        );
        addTransitions(job, 0);
      }
    });
  }

  return {
    add: (job, change, idempotency) => addAll([{ job, change, idempotency }]),
    addAll,
    saveAll(jobs, within) {
      database.transaction(() => {
        for (const { job, change, saved } of jobs) {
          database.run(sql.updateTable('jobs').set(columnsOf(job, change)).where('id', '=', job.id));
          addTransitions(job, saved);
        }
        within?.();
      });
    },
    markDeleting(removals) {
      database.transaction(() => {
        for (const { jobId } of removals) {
          database.run(sql.updateTable('jobs').set({ deleting: 1, idempotency_key: null }).where('id', '=', jobId));
        }
        fleet.addRemovals(removals);
      });
    },
    remove(jobIds) {
      database.transaction(() => {
        for (const id of jobIds) database.run(sql.deleteFrom('jobs').where('id', '=', id));
      });
    },
    loadDeleting() {
      return database.all(sql.selectFrom('jobs').select('id').where('deleting', '=', 1)).map(({ id }) => id);
    },
    loadSummaries() {
      // As the database returns them: with 100,000 jobs, a copy of each takes a tenth of the time of a start.
      return database.all(
        sql
          .selectFrom('jobs')
          .select([
            'id',
            'created_at as createdAt',
            'started_by as startedBy',
            'status',
            'retry_at as retryAt',
            'change',
          ])
          .select(['idempotency_key as idempotencyKey', 'idempotency_digest as idempotencyDigest'])
          .where('deleting', '=', 0),
      );
    },
    read(id) {
      const [job] = recordedJobs(sql.selectFrom('jobs').selectAll().where('id', '=', id));
      if (!job) throw new Error(`Job ${id} is not in the record.`);
      return job;
    },
    readAfter(id, limit) {
      return recordedJobs(
        sql.selectFrom('jobs').selectAll().where('deleting', '=', 0).where('id', '>', id).orderBy('id').limit(limit),
      );
    },
  };

  function recordedJobs(query: Compilable<JobRow>): RecordedJob[] {
    const rows = database.all(query);
    return rows.map((row) => {
      const transitions = database.all(
        sql.selectFrom('transitions').selectAll().where('job_id', '=', row.id).orderBy('position'),
      );
      return recordedJob(
        row,
        transitions.map(({ status, at, progress }) => ({ status, at, progress: JSON.parse(progress) as Progress })),
      );
    });
  }
}

function columnsOf(job: Job, change: number) {
  const { state } = job;
  return {
    // A resumed job may have more epochs than before.
    request: JSON.stringify(job.request),
    attempt: job.attempt,
    place: job.place,
    unmet: JSON.stringify(job.unmet),
    status: state.status,
    started_at: 'startedAt' in state ? state.startedAt : null,
    finished_at: 'finishedAt' in state ? state.finishedAt : null,
    stop_requested_at: state.status === 'STOPPING' ? state.requestedAt : null,
    stop_deadline: state.status === 'STOPPING' ? state.deadline : null,
    stop_cause: state.status === 'STOPPING' ? state.cause : null,
    failure: state.status === 'ERROR' ? JSON.stringify(state.failure) : null,
    progress: JSON.stringify(job.progress),
    sequence: job.sequence,
    simulation: job.simulation ? (1 as const) : (0 as const),
    device: job.device,
    host: job.host,
    handle: job.handle && JSON.stringify(job.handle),
    checkpoint: job.checkpoint,
    finds_checkpoint: job.findsCheckpoint === null ? null : job.findsCheckpoint ? (1 as const) : (0 as const),
    retries: job.retries,
    retry_at: job.retryAt,
    killed_at: job.killedAt,
    stop: job.stop && JSON.stringify(job.stop),
    peak_memory_bytes: job.peakMemoryBytes,
    change,
    notes: job.notes,
    best: JSON.stringify(job.best),
    score: job.score && JSON.stringify(job.score),
  };
}

type JobRow = Selectable<Tables['jobs']>;

function recordedJob(row: JobRow, transitions: readonly Transition[]): RecordedJob {
  const best = JSON.parse(row.best) as Job['best'];
  const job: Job = {
    id: row.id,
    request: JSON.parse(row.request) as TrainingRequest,
    createdAt: row.created_at,
    startedBy: row.started_by,
    attempt: row.attempt,
    place: row.place,
    unmet: JSON.parse(row.unmet) as string[],
    state: stateOf(row),
    health: 'OK',
    progress: JSON.parse(row.progress) as Progress,
    transitions,
    sequence: row.sequence,
    simulation: row.simulation === 1,
    device: row.device,
    host: row.host,
    handle: row.handle === null ? null : (JSON.parse(row.handle) as Handle),
    checkpoint: row.checkpoint,
    findsCheckpoint: row.finds_checkpoint === null ? null : row.finds_checkpoint === 1,
    retries: row.retries,
    retryAt: row.retry_at,
    killedAt: row.killed_at,
    stop: row.stop === null ? null : stopOf(row.stop),
    peakMemoryBytes: row.peak_memory_bytes,
    notes: row.notes,
    best,
    // Earlier versions recorded none.
    score: row.score === null ? suggestedScore(best) : (JSON.parse(row.score) as Score),
  };
  return { job, idempotency: idempotencyOf(row), change: row.change };
}

function idempotencyOf({
  idempotency_key: key,
  idempotency_digest: digest,
}: Pick<JobRow, 'idempotency_key' | 'idempotency_digest'>): Idempotency | null {
  return key !== null && digest !== null ? { key, digest } : null;
}

function stateOf(row: JobRow): JobState {
  const { status, started_at: startedAt } = row;
  switch (status) {
    case 'QUEUED':
      return { status };
    case 'STARTING':
    case 'LOADING':
    case 'RUNNING':
      return { status, startedAt: startedAt ?? row.created_at };
    case 'STOPPING':
      return {
        ...{ status, startedAt, requestedAt: row.stop_requested_at },
        ...{ deadline: row.stop_deadline, cause: row.stop_cause ?? 'USER' },
      };
    case 'COMPLETED':
    case 'STOPPED':
      return { status, startedAt, finishedAt: row.finished_at ?? row.created_at };
    case 'ERROR':
      return {
        status,
        startedAt,
        finishedAt: row.finished_at ?? row.created_at,
        failure: JSON.parse(row.failure ?? 'null') as JobFailure,
      };
    default:
      return status satisfies never;
  }
}

/** Earlier versions recorded no reason. */
function stopOf(text: string): StopOutcome {
  const { reason = null, ...stop } = JSON.parse(text) as Omit<StopOutcome, 'reason'> & {
    readonly reason?: string | null;
  };
  return { ...stop, reason };
}
