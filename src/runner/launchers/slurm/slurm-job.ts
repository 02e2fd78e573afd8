import type { EngineReason } from '../../job/failure.ts';

/** A job as `squeue` lists it. */
export interface SlurmJob {
  readonly id: number;
  readonly name: string;
  /** For example `PENDING`; see "JOB STATE CODES" of squeue(1). */
  readonly state: string;
  /** Why it waits, or ended, as one of Slurm's words; `None` if Slurm says nothing. */
  readonly reason: string;
  /** Exit code of the batch script; 0 before its end. */
  readonly exitCode: number;
  /** Number of times that Slurm has requeued it. */
  readonly restarts: number;
  readonly elapsedSeconds: number;
  /** Null without a limit. */
  readonly limitSeconds: number | null;
  /** Its nodes as Slurm writes lists, for example `n[1-2]`; empty before they are allocated. */
  readonly nodes: string;
}

const FIELDS = ['JobID', 'Name', 'State', 'Reason', 'exit_code', 'RestartCnt', 'TimeUsed', 'TimeLimit', 'NodeList'];

/**
 * The format of `squeue` that {@link parseJobs} reads. Not `--json`: that has 4 KB for each job and a shape that differs between versions
 * of Slurm. This has about 100 bytes, and none of its fields holds text of a user.
 */
export const SQUEUE_FORMAT = FIELDS.map((field) => `${field}:|`).join(',');

/** Reads the answer of `squeue`. Lines that are not complete are left out. */
export function parseJobs(text: string): SlurmJob[] {
  return text.split('\n').flatMap((line) => {
    const [id, name, state, reason, exitCode, restarts, elapsed, limit, nodes] = line.trim().split('|');
    if (nodes === undefined || name === undefined || state === undefined || !/^\d+$/.test(id ?? '')) return [];
    return {
      id: Number(id),
      name,
      state,
      reason: reason ?? '',
      exitCode: parseExitCode(exitCode ?? ''),
      restarts: Number(restarts) || 0,
      elapsedSeconds: parseDuration(elapsed ?? '') ?? 0,
      limitSeconds: parseDuration(limit ?? ''),
      nodes,
    };
  });
}

/** Some versions of Slurm write the code, others the wait status of the script, and others `code:signal`. */
function parseExitCode(text: string): number {
  const [code = ''] = text.split(':');
  const number = Number(code) || 0;
  return number > 255 ? number >> 8 : number;
}

/** Reads `[days-][[hours:]minutes:]seconds` as seconds; null for `UNLIMITED` and everything else. */
function parseDuration(text: string): number | null {
  const match = /^(?:(\d+)-)?(?:(?:(\d+):)?(\d+):)?(\d+)$/.exec(text);
  if (!match) return null;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = match
    .slice(1)
    .map((part: string | undefined) => Number(part ?? 0));
  return ((days * 24 + hours) * 60 + minutes) * 60 + seconds;
}

/** States in which nothing of the job has been started. */
const WAITING = new Set([
  'PENDING',
  'CONFIGURING',
  'REQUEUED',
  'REQUEUE_HOLD',
  'REQUEUE_FED',
  'SPECIAL_EXIT',
  'RESV_DEL_HOLD',
]);

/** States that a job never leaves, with the reason for those in which Slurm ended it. */
const ENDED: Readonly<Record<string, EngineReason | null>> = {
  COMPLETED: null,
  FAILED: null,
  CANCELLED: null,
  REVOKED: null,
  PREEMPTED: 'PREEMPTED',
  NODE_FAIL: 'NODE_FAIL',
  BOOT_FAIL: 'NODE_FAIL',
  TIMEOUT: 'TIME_LIMIT',
  DEADLINE: 'TIME_LIMIT',
  OUT_OF_MEMORY: 'OUT_OF_MEMORY',
};

/** Slurm sends the signal of `--signal` up to this long before the time limit: a minute as asked, a minute of its own, and a reserve. */
const BEFORE_LIMIT_SECONDS = 150;

/**
 * The job has run once, and Slurm has put it back into its queue. The batch script does nothing when it runs again.
 */
export function isRequeued({ state, restarts }: SlurmJob): boolean {
  return restarts > 0 && WAITING.has(state);
}

/** No process of the job has been started. */
export function isWaiting(job: SlurmJob): boolean {
  return WAITING.has(job.state) && !isRequeued(job);
}

/** No process of the job is alive, as far as Slurm knows. A state of a newer version of Slurm proves nothing. */
export function hasEnded(job: SlurmJob): boolean {
  return job.state in ENDED || isRequeued(job);
}

/** Why Slurm ended the job; null if it did not. */
export function engineReasonOf(job: SlurmJob): EngineReason | null {
  if (job.restarts > 0) return job.reason.startsWith('launch') ? 'NODE_FAIL' : 'PREEMPTED';
  const reason = ENDED[job.state] ?? null;
  if (reason !== null || job.limitSeconds === null) return reason;
  // A trainer that saves and ends at the signal before the limit ends the job as COMPLETED.
  return job.elapsedSeconds >= job.limitSeconds - BEFORE_LIMIT_SECONDS ? 'TIME_LIMIT' : null;
}
