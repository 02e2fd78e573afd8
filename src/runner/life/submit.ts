import { hostname } from 'node:os';
import { noProgress } from '../job/next-attempt.ts';
import { checkDataset } from '../datasets/find.ts';
import { IdempotencyConflictError, QueueFullError } from '../job/errors.ts';
import { specFileOf, statusFileOf } from '../reports/written-files.ts';
import { replaceFile } from '../reports/replace-file.ts';
import type { Home } from '../home.ts';
import type { StartInput, StartOptions, TrainingRequest } from '../job/request.ts';
import type { Job } from '../job/types.ts';
import { checkColumns } from './check-columns.ts';
import { newJobId } from './new-job-id.ts';
import type { PreviewDataset } from '../datasets/preview.ts';
import type { JobStore } from '../store/job-store.ts';
import type { Idempotency } from '../store/job-record.ts';
import type { TrainerDescription } from '../python/trainer-description.ts';
import type { StorageLimits } from '../storage/storage-limits.ts';
import { digestOf, resolveInput } from './start-input.ts';

/** Turns a start request into a recorded, waiting job. */
export interface Submit {
  /** See `Runner.start`. */
  submit(input: StartInput, options: StartOptions): Promise<Job>;
  /** Restores a key from the record. */
  remember(idempotency: Idempotency, jobId: string): void;
  /** Resolves when no submit is under way. */
  settled(): Promise<void>;
}

export interface SubmitSettings {
  readonly home: Home;
  readonly storage: Pick<StorageLimits, 'checkSpace' | 'checkJobs'>;
  readonly jobs: JobStore;
  readonly trainers: () => Promise<readonly TrainerDescription[]>;
  readonly previewDataset: PreviewDataset;
  readonly enqueue: (job: Job) => void;
  /** Whether the queue is full, with this many more jobs about to join it. */
  readonly isFull: (joining: number) => boolean;
  readonly limit: number;
  /** Number of GPUs that can be leased. */
  readonly gpuCount: number;
}

export function createSubmit({
  home,
  storage,
  jobs,
  trainers,
  previewDataset,
  enqueue,
  isFull,
  limit,
  gpuCount,
}: SubmitSettings): Submit {
  const keys = new Map<string, { digest: string; job: Promise<string> }>();
  const pending = new Set<Promise<unknown>>();
  let joining = 0;

  async function create(
    input: StartInput,
    { startedBy = null, admit }: StartOptions,
    idempotency: Idempotency | null,
  ): Promise<Job> {
    const request = resolveInput(input, await trainers(), gpuCount);
    if (request.dataset !== null) await checkDataset(home, request.dataset);
    await checkColumns(request, previewDataset);
    await storage.checkSpace(startedBy);
    // From here on to the record nothing awaits, so that concurrent submits cannot exceed a limit together.
    storage.checkJobs(startedBy);
    // Submits under way count too: concurrent ones cannot overfill the queue.
    if (isFull(joining)) throw new QueueFullError(limit);
    admit?.();
    const job = newJob(request, startedBy, Date.now());
    jobs.add(job, idempotency);
    joining += 1;
    try {
      await replaceFile(home, home.spec(job.id), specFileOf(job), true);
      await replaceFile(home, home.status(job.id), statusFileOf(job, null), false);
    } catch (error) {
      // If the job cannot be removed from the record either, it stays a job like any other: its launch writes what is missing.
      if (isForgotten(job)) throw error;
    } finally {
      joining -= 1;
    }
    enqueue(job);
    return job;
  }

  function isForgotten(job: Job): boolean {
    try {
      jobs.forget([job.id]);
      return true;
    } catch {
      return false;
    }
  }

  return {
    async submit(input, options) {
      if (input.idempotencyKey == null) return track(create(input, options, null));
      const key = keyOf(input.idempotencyKey, options.startedBy ?? null);
      const digest = digestOf(input);
      for (let before = keys.get(key); before; before = keys.get(key)) {
        const id = await before.job;
        const job = jobs.index.get(id);
        if (job && before.digest !== digest) throw new IdempotencyConflictError(id);
        if (job) return job;
        // Deleted since, which frees the key. Of several callers at once the first starts a job, and the others get that one.
        if (keys.get(key) === before) keys.delete(key);
      }
      const creation = track(create(input, options, { key, digest }));
      // Set before the first await: the same key sent twice at once is one job.
      const id = creation.then((job) => job.id);
      id.catch(() => undefined); // Callers that wait for it get the error, and there may be none.
      keys.set(key, { digest, job: id });
      try {
        return await creation;
      } catch (error) {
        keys.delete(key);
        throw error;
      }
    },
    remember({ key, digest }, jobId) {
      keys.set(key, { digest, job: Promise.resolve(jobId) });
    },
    async settled() {
      await Promise.allSettled(pending);
    },
  };

  function track<Result>(work: Promise<Result>): Promise<Result> {
    const entry = work.finally(() => pending.delete(entry));
    pending.add(entry);
    return entry;
  }
}

/** A key of one user means nothing to another. Names of users contain no space. */
function keyOf(key: string, user: string | null): string {
  return user === null ? key : `${user} ${key}`;
}

function newJob(request: TrainingRequest, startedBy: string | null, now: number): Job {
  const progress = noProgress(request.epochs, now);
  return {
    id: newJobId(now),
    request,
    createdAt: now,
    startedBy,
    attempt: 1,
    state: { status: 'QUEUED' },
    health: 'OK',
    progress,
    transitions: [{ status: 'QUEUED', at: now, progress }],
    sequence: 1,
    simulation: request.backend === 'SIMULATION',
    device: null,
    host: hostname(),
    handle: null,
    checkpoint: null,
    notes: '',
    best: {},
    score: null,
    retries: 0,
    retryAt: null,
    killedAt: null,
    stop: null,
    peakMemoryBytes: null,
  };
}
