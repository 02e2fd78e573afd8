import type { JobStatus } from '../job/status.ts';
import type { StopCause } from '../job/types.ts';

/**
 * The tables of `trainyard.db` that the store uses. Times are Unix milliseconds, documents are JSON text. The table of webhook
 * deliveries belongs to `webhooks/outbox-table.ts`, that of the audit log to `audit/audit-table.ts`, that of
 * the owners of datasets to `storage/dataset-owners.ts`, that of the queue to `store/queue-record.ts`.
 */
export interface Tables {
  jobs: JobsTable;
  transitions: TransitionsTable;
  removals: RemovalsTable;
  fleet: FleetTable;
}

interface JobsTable {
  id: string;
  created_at: number;
  /** Name of the token; null without tokens. */
  started_by: string | null;
  /** A `TrainingRequest`. */
  request: string;
  idempotency_key: string | null;
  /** Digest of the input that the key was first used with. */
  idempotency_digest: string | null;
  attempt: number;
  /** See `Job.place`. */
  place: number;
  /** A list of job ids. */
  unmet: string;
  status: JobStatus;
  started_at: number | null;
  finished_at: number | null;
  stop_requested_at: number | null;
  stop_deadline: number | null;
  stop_cause: StopCause | null;
  /** A `JobFailure`. */
  failure: string | null;
  /** A `Progress`. */
  progress: string;
  sequence: number;
  simulation: 0 | 1;
  device: string | null;
  host: string | null;
  /** A `Handle`; null until the attempt is launched. Recorded before the launch. */
  handle: string | null;
  checkpoint: string | null;
  /** See `Job.findsCheckpoint`. */
  finds_checkpoint: 0 | 1 | null;
  retries: number;
  retry_at: number | null;
  killed_at: number | null;
  /** A `StopOutcome`. */
  stop: string | null;
  peak_memory_bytes: number | null;
  /** 1 once its files are being deleted: an interrupted deletion continues at the next start. */
  deleting: 0 | 1;
  /** The number of the newest change that was recorded. */
  change: number;
  notes: string;
  /** A record of `BestValue` by metric. */
  best: string;
  /** A `Score`; null if there is none, or an earlier version recorded the job. */
  score: string | null;
}

interface TransitionsTable {
  job_id: string;
  /** From 0, in the order in which they happened. */
  position: number;
  status: JobStatus;
  at: number;
  /** A `Progress`. */
  progress: string;
}

/** Deleted jobs, for clients that were disconnected at the time. */
interface RemovalsTable {
  /** The number of this change. */
  number: number;
  job_id: string;
}

/** One row: see `FleetRecord`. */
interface FleetTable {
  /** Distinguishes cursors of this home from those of others. */
  home: string;
  /** No number up to this one is used again. */
  ceiling: number;
  /** Deletions up to this number may be missing. */
  floor: number;
}

/** One entry a version, oldest first; never edited once released. The database's `user_version` counts those applied. */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE jobs (
    id TEXT PRIMARY KEY,
    created_at INTEGER NOT NULL,
    request TEXT NOT NULL,
    idempotency_key TEXT UNIQUE,
    idempotency_digest TEXT,
    attempt INTEGER NOT NULL,
    launched INTEGER NOT NULL,
    status TEXT NOT NULL,
    started_at INTEGER,
    finished_at INTEGER,
    stop_deadline INTEGER,
    stop_cause TEXT,
    failure TEXT,
    progress TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    simulation INTEGER NOT NULL,
    device TEXT,
    host TEXT,
    process TEXT,
    supervisor TEXT,
    checkpoint TEXT,
    gpu_devices TEXT NOT NULL,
    retries INTEGER NOT NULL,
    retry_at INTEGER,
    deleting INTEGER NOT NULL DEFAULT 0
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX jobs_by_creation ON jobs (created_at, id);
  CREATE TABLE transitions (
    job_id TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    status TEXT NOT NULL,
    at INTEGER NOT NULL,
    progress TEXT NOT NULL,
    PRIMARY KEY (job_id, position)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE tags (
    job_id TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    tag TEXT NOT NULL,
    PRIMARY KEY (tag, job_id)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  ALTER TABLE jobs ADD COLUMN change INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE jobs ADD COLUMN notes TEXT NOT NULL DEFAULT '';
  ALTER TABLE jobs ADD COLUMN best TEXT NOT NULL DEFAULT '{}';
  CREATE TABLE removals (number INTEGER PRIMARY KEY, job_id TEXT NOT NULL) STRICT;
  CREATE TABLE fleet (home TEXT NOT NULL, ceiling INTEGER NOT NULL, floor INTEGER NOT NULL) STRICT;
  `,
  // AUTOINCREMENT: no number is used again, so that pages of deliveries stay consistent.
  `
  CREATE TABLE deliveries (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    webhook TEXT NOT NULL,
    event TEXT NOT NULL,
    job_id TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    payload TEXT NOT NULL,
    at INTEGER NOT NULL,
    status TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    next_attempt_at INTEGER,
    last_status_code INTEGER,
    last_error TEXT,
    delivered_at INTEGER
  ) STRICT;
  CREATE INDEX deliveries_due ON deliveries (webhook, status, next_attempt_at);
  CREATE INDEX deliveries_by_job ON deliveries (job_id);
  `,
  // Columns that only a launcher understands became one opaque handle. The tags table was written and never read.
  `
  ALTER TABLE jobs ADD COLUMN handle TEXT;
  UPDATE jobs SET handle = json_object(
    'launcher', 'local', 'jobId', id, 'attempt', attempt,
    'gpuDevices', CASE WHEN request ->> '$.gpus' IS NULL THEN NULL ELSE json(gpu_devices) END,
    'supervisor', json(supervisor), 'trainer', json(process)
  ) WHERE launched = 1;
  ALTER TABLE jobs DROP COLUMN launched;
  ALTER TABLE jobs DROP COLUMN process;
  ALTER TABLE jobs DROP COLUMN supervisor;
  ALTER TABLE jobs DROP COLUMN gpu_devices;
  DROP TABLE tags;
  `,
  // AUTOINCREMENT: no number is used again, so that a page of the audit log stays consistent, and a gap shows a removal.
  `
  ALTER TABLE jobs ADD COLUMN started_by TEXT;
  CREATE TABLE audit (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    user TEXT,
    role TEXT NOT NULL,
    action TEXT NOT NULL,
    targets TEXT NOT NULL,
    address TEXT NOT NULL,
    request_id TEXT NOT NULL,
    outcome TEXT NOT NULL,
    code TEXT
  ) STRICT;
  CREATE TRIGGER audit_is_append_only BEFORE UPDATE ON audit
  BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
  `,
  `
  ALTER TABLE jobs ADD COLUMN killed_at INTEGER;
  ALTER TABLE jobs ADD COLUMN stop TEXT;
  ALTER TABLE jobs ADD COLUMN peak_memory_bytes INTEGER;
  `,
  // For quotas: see `storage/dataset-owners.ts`.
  `
  CREATE TABLE dataset_owners (name TEXT PRIMARY KEY, user TEXT NOT NULL) STRICT, WITHOUT ROWID;
  `,
  // Scripts take arguments and can run as several processes.
  `
  UPDATE jobs SET request = json_set(request, '$.arguments', json('[]'), '$.processes', 1);
  `,
  `
  ALTER TABLE jobs ADD COLUMN score TEXT;
  `,
  // All that a start reads of ended jobs, so that it does not read the rest of their rows.
  `
  DROP INDEX jobs_by_creation;
  CREATE INDEX jobs_at_start ON jobs
    (deleting, id, created_at, started_by, status, retry_at, change, idempotency_key, idempotency_digest);
  `,
  // Dependencies, groups and an order that can be changed. Jobs that wait keep the order in which they arrived.
  `
  ALTER TABLE jobs ADD COLUMN place REAL NOT NULL DEFAULT 0;
  ALTER TABLE jobs ADD COLUMN unmet TEXT NOT NULL DEFAULT '[]';
  UPDATE jobs SET
    place = coalesce((SELECT max(at) FROM transitions WHERE job_id = jobs.id), 0),
    request = json_set(request, '$.dependsOn', json('[]'), '$.group', NULL, '$.notBefore', NULL);
  CREATE TABLE queue_groups (
    name TEXT PRIMARY KEY,
    is_paused INTEGER NOT NULL,
    max_running INTEGER
  ) STRICT, WITHOUT ROWID;
  `,
  // When a stop was requested, by the clock of the server: a node whose clock is ahead may have reported a later time.
  `
  ALTER TABLE jobs ADD COLUMN stop_requested_at INTEGER;
  UPDATE jobs SET stop_requested_at = (SELECT min(max(at), stop_deadline) FROM transitions WHERE job_id = jobs.id)
  WHERE stop_deadline IS NOT NULL;
  `,
  // Whether the runner looks for the checkpoint: null for the jobs so far, for which the trainer did so at the next attempt.
  `
  ALTER TABLE jobs ADD COLUMN finds_checkpoint INTEGER;
  `,
];
