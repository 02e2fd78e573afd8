import { hostname } from 'node:os';
import { noProgress } from '../job/next-attempt.ts';
import { resolveDataset } from '../datasets/find.ts';
import { IdempotencyConflictError, QueueFullError } from '../job/errors.ts';
import { specFileOf, statusFileOf } from '../reports/job-files.ts';
import { replaceFile } from '../reports/replace-file.ts';
import type { Home } from '../home.ts';
import type { Job, StartInput, TrainingRequest } from '../job/job.ts';
import { newJobId } from '../job/job-id.ts';
import type { Jobs } from '../store/job-store.ts';
import type { Idempotency } from '../store/job-record.ts';
import type { TrainerDescription } from '../runner.ts';
import { digestOf, resolveInput } from './start-input.ts';

/** Turns what somebody asks for into a recorded, waiting job. */
export interface Submit {
  /** @throws InvalidInputError, DatasetNotFoundError, TrainerUnavailableError, QueueFullError, IdempotencyConflictError */
  submit(input: StartInput): Promise<Job>;
  /** Takes a key over from the record. */
  remember(idempotency: Idempotency, jobId: string): void;
  /** Resolves when nothing is being submitted. */
  settled(): Promise<void>;
}

export interface SubmitSettings {
  readonly home: Home;
  readonly jobs: Jobs;
  readonly trainers: () => Promise<readonly TrainerDescription[]>;
  readonly enqueue: (job: Job) => void;
  /** Whether the queue has no place left when so many more are about to join it. */
  readonly isFull: (joining: number) => boolean;
  readonly limit: number;
  /** How many GPUs there are to lease. */
  readonly gpuCount: number;
}

export function createSubmit({ home, jobs, trainers, enqueue, isFull, limit, gpuCount }: SubmitSettings): Submit {
  const keys = new Map<string, { digest: string; job: Promise<string> }>();
  const pending = new Set<Promise<unknown>>();
  let joining = 0;

  async function create(input: StartInput, idempotency: Idempotency | null): Promise<Job> {
    const request = resolveInput(input, await trainers(), gpuCount);
    await resolveDataset(home, request.dataset);
    // Those on their way count too: simultaneous submits cannot overfill the queue.
    if (isFull(joining)) throw new QueueFullError(limit);
    const job = newJob(request, Date.now());
    jobs.add(job, idempotency);
    joining += 1;
    try {
      await replaceFile(home, home.spec(job.id), specFileOf(job), true);
      await replaceFile(home, home.status(job.id), statusFileOf(job), false);
    } catch (error) {
      // A disk that takes neither: then the job stays recorded, and is one like any other. Its launch writes what is missing.
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
    async submit(input) {
      const { idempotencyKey: key } = input;
      if (key == null) return track(create(input, null));
      const digest = digestOf(input);
      for (let before = keys.get(key); before; before = keys.get(key)) {
        const id = await before.job;
        const job = jobs.list.get(id);
        if (job && before.digest !== digest) throw new IdempotencyConflictError(id);
        if (job) return job;
        // Deleted since, which frees the key. Of those who find that out at once the first one starts a job, the others get it.
        if (keys.get(key) === before) keys.delete(key);
      }
      const creation = track(create(input, { key, digest }));
      // Set before the first await: the same key sent twice at once is one job.
      const id = creation.then((job) => job.id);
      id.catch(() => undefined); // Whoever waits for it gets the error, and nobody need wait.
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

function newJob(request: TrainingRequest, now: number): Job {
  const progress = noProgress(request.epochs, now);
  return {
    id: newJobId(now),
    request,
    createdAt: now,
    attempt: 1,
    state: { status: 'QUEUED' },
    health: 'OK',
    progress,
    transitions: [{ status: 'QUEUED', at: now, progress }],
    sequence: 1,
    simulation: request.backend === 'SIMULATION',
    device: null,
    host: hostname(),
    process: null,
    supervisor: null,
    checkpoint: null,
    gpuDevices: [],
    notes: '',
    best: {},
    retries: 0,
    retryAt: null,
  };
}
