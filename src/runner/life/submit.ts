import { hostname } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { noProgress } from '../job/next-attempt.ts';
import { checkDataset } from '../datasets/find.ts';
import { InvalidInputError, QueueFullError } from '../job/errors.ts';
import { specFileOf, statusFileOf } from '../reports/written-files.ts';
import { replaceFile } from '../reports/replace-file.ts';
import type { Home } from '../home.ts';
import type { StartInput, StartOptions, TrainingRequest } from '../job/request.ts';
import type { ResourceRules } from '../job/resources.ts';
import type { Job } from '../job/types.ts';
import { checkTable } from './check-table.ts';
import { createIdempotencyKeys, idempotencyOf } from './idempotency-keys.ts';
import { newJobId } from './new-job-id.ts';
import type { PreviewDataset } from '../datasets/preview.ts';
import type { JobStore, NewJob } from '../store/job-store.ts';
import type { Idempotency } from '../store/job-record.ts';
import type { TrainerDescription } from '../python/trainer-description.ts';
import type { StorageLimits } from '../storage/storage-limits.ts';
import { resolveDependencies } from './resolve-dependencies.ts';
import { resolveInput } from './start-input.ts';
import { createTurnLimit } from './turn-limit.ts';

/** Turns start requests into recorded, waiting jobs. */
export interface Submit {
  /** See `Runner.start`. */
  submit(input: StartInput, options: StartOptions): Promise<Job>;
  /** See `Runner.startAll`. */
  submitAll(inputs: readonly StartInput[], options: StartOptions): Promise<Job[]>;
  /** Restores a key from the record. */
  remember(idempotency: Idempotency, jobId: string): void;
  /** Resolves when no submit is in progress. */
  settled(): Promise<void>;
}

export interface SubmitSettings {
  readonly home: Home;
  readonly storage: Pick<StorageLimits, 'checkSpace' | 'checkJobs'>;
  readonly jobs: JobStore;
  readonly trainers: () => Promise<readonly TrainerDescription[]>;
  readonly previewDataset: PreviewDataset;
  readonly enqueue: (job: Job) => void;
  /** The place in the queue for a new job. */
  readonly nextPlace: () => number;
  /** Whether the queue is full, with this many more jobs about to join it. */
  readonly isFull: (joining: number) => boolean;
  readonly limit: number;
  /** Number of GPUs that can be leased. */
  readonly gpuCount: number;
  readonly resourceRules: ResourceRules;
}

/** Maximum number of jobs that one call starts. */
export const MAX_STARTS = 1_000;
/** Requests that are checked, and pairs of files that are written, before other work gets its turn. */
const BATCH = 25;
/** Concurrent calls that are checked, or recorded, in one turn of the event loop: each takes up to 1 ms of CPU time. */
const CALLS_AT_ONCE = 8;

/** One job of a call: a new one, or one that exists because its idempotency key was used before. */
interface Draft {
  readonly input: StartInput;
  /** The path to the input in the arguments. */
  readonly path: readonly string[];
  readonly idempotency: Idempotency | null;
  readonly existing: Job | null;
}

/** A draft whose job exists, or the checked request of a new one. */
type ResolvedDraft = Draft &
  ({ readonly existing: Job } | { readonly existing: null; readonly request: TrainingRequest });

export function createSubmit(settings: SubmitSettings): Submit {
  const { home, storage, jobs, trainers, previewDataset, enqueue, nextPlace, isFull, limit, gpuCount, resourceRules } =
    settings;
  const keys = createIdempotencyKeys(jobs.index);
  const pending = new Set<Promise<unknown>>();
  const turns = createTurnLimit(CALLS_AT_ONCE);
  let joining = 0;

  async function create(drafts: readonly Draft[], { startedBy = null, admit }: StartOptions): Promise<Job[]> {
    const resolved = await resolveAll(drafts);
    await storage.checkSpace(startedBy);
    await turns.enter();
    // From here on to the record nothing awaits, so that concurrent submits cannot exceed a limit together.
    const count = resolved.filter(({ existing }) => existing === null).length;
    storage.checkJobs(startedBy, count);
    // Submits in progress count too: concurrent ones cannot overfill the queue.
    if (isFull(joining + count - 1)) throw new QueueFullError(limit);
    const { all, added } = makeJobs(resolved, startedBy);
    admit?.(count);
    jobs.addAll(added);
    const created = added.map(({ job }) => job);
    joining += count;
    try {
      await writeFiles(created);
    } catch (error) {
      // If the jobs cannot be removed from the record either, they stay jobs like any other: their launch writes what is missing.
      if (areForgotten(created)) throw error;
    } finally {
      joining -= count;
    }
    for (const job of created) enqueue(job);
    return all;
  }

  /** Checks everything that may take time. */
  async function resolveAll(drafts: readonly Draft[]): Promise<ResolvedDraft[]> {
    const known = await trainers();
    // After it: concurrent calls wait for the trainers together.
    await turns.enter();
    const datasets = new Set<string>();
    const resolved: ResolvedDraft[] = [];
    for (const [position, draft] of drafts.entries()) {
      if (position % BATCH === BATCH - 1) await setImmediate();
      const { existing } = draft;
      resolved.push(
        existing ? { ...draft, existing } : { ...draft, existing, request: await resolve(draft, known, datasets) },
      );
    }
    return resolved;
  }

  /** @param datasets those that are known to exist */
  async function resolve(
    { input, path }: Draft,
    known: readonly TrainerDescription[],
    datasets: Set<string>,
  ): Promise<TrainingRequest> {
    try {
      const request = resolveInput(input, known, gpuCount, resourceRules);
      const { dataset } = request;
      if (dataset !== null && !datasets.has(dataset)) await checkDataset(home, dataset);
      if (dataset !== null) datasets.add(dataset);
      await checkTable(request, previewDataset);
      return request;
    } catch (error) {
      if (!(error instanceof InvalidInputError)) throw error;
      throw new InvalidInputError(error.message, [...path, ...error.inputPath.slice(1)]);
    }
  }

  /** The jobs in the order of the drafts: each may wait for those before it. */
  function makeJobs(drafts: readonly ResolvedDraft[], startedBy: string | null): { all: Job[]; added: NewJob[] } {
    const now = Date.now();
    const all: Job[] = [];
    const added: NewJob[] = [];
    for (const draft of drafts) {
      if (draft.existing) {
        all.push(draft.existing);
        continue;
      }
      const { input, path, request, idempotency } = draft;
      const { dependsOn, unmet } = resolveDependencies(input.dependsOn ?? [], all, jobs.index.get, [
        ...path,
        'dependsOn',
      ]);
      const job = { ...newJob({ ...request, dependsOn }, startedBy, now), place: nextPlace(), unmet };
      all.push(job);
      added.push({ job, idempotency });
    }
    return { all, added };
  }

  async function writeFiles(created: readonly Job[]): Promise<void> {
    for (let from = 0; from < created.length; from += BATCH) {
      await Promise.all(
        created.slice(from, from + BATCH).map(async (job) => {
          await replaceFile(home, home.spec(job.id), specFileOf(job), true);
          await replaceFile(home, home.status(job.id), statusFileOf(job, null), false);
        }),
      );
    }
  }

  function areForgotten(created: readonly Job[]): boolean {
    try {
      jobs.forget(created.map(({ id }) => id));
      return true;
    } catch {
      return false;
    }
  }

  function submitAll(
    inputs: readonly StartInput[],
    options: StartOptions,
    pathOf: (position: number) => readonly string[],
  ): Promise<Job[]> {
    const keyed = inputs.map((input) => idempotencyOf(input, options.startedBy ?? null));
    return track(
      keys.start(keyed, (existing) => {
        const drafts = inputs.map((input, position) => ({
          input,
          path: pathOf(position),
          idempotency: keyed[position] ?? null,
          existing: existing[position] ?? null,
        }));
        return create(drafts, options);
      }),
    );
  }

  return {
    async submit(input, options) {
      const [job] = await submitAll([input], options, () => ['input']);
      if (!job) throw new Error('One input makes one job.');
      return job;
    },
    async submitAll(inputs, options) {
      if (inputs.length === 0 || inputs.length > MAX_STARTS) {
        const message = `inputs must have 1 to ${MAX_STARTS.toLocaleString('en')} entries; it has ${inputs.length}.`;
        throw new InvalidInputError(message, ['inputs']);
      }
      return submitAll(inputs, options, (position) => ['inputs', String(position)]);
    },
    remember: keys.remember,
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

function newJob(request: TrainingRequest, startedBy: string | null, now: number): Omit<Job, 'place' | 'unmet'> {
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
    findsCheckpoint: null,
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
