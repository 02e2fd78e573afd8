import { IdempotencyConflictError, InvalidInputError } from '../job/errors.ts';
import type { StartInput } from '../job/request.ts';
import type { Job } from '../job/types.ts';
import type { JobIndex } from '../store/job-index.ts';
import type { Idempotency } from '../store/job-record.ts';
import { digestOf } from './start-input.ts';

/** The idempotency keys of all jobs: a start with a known key gets the job that exists. */
export interface IdempotencyKeys {
  /** Restores a key from the record. */
  remember(idempotency: Idempotency, jobId: string): void;
  /**
   * Creates the jobs that do not exist yet. The keys are taken before the first await: the same key sent twice at once is one job.
   * @param keyed one entry for each job; null for a job without a key
   * @param create creates the jobs whose entry in `existing` is null, and returns all of them
   * @throws IdempotencyConflictError, InvalidInputError (a key is used twice), and the errors of `create`
   */
  start(
    keyed: readonly (Idempotency | null)[],
    create: (existing: readonly (Job | null)[]) => Promise<Job[]>,
  ): Promise<Job[]>;
}

export function createIdempotencyKeys(index: Pick<JobIndex, 'get'>): IdempotencyKeys {
  const keys = new Map<string, { digest: string; job: Promise<string> }>();

  async function find({ key, digest }: Idempotency): Promise<Job | null> {
    for (let before = keys.get(key); before; before = keys.get(key)) {
      const id = await before.job;
      const job = index.get(id);
      if (job && before.digest !== digest) throw new IdempotencyConflictError(id);
      if (job) return job;
      // Deleted since, which frees the key. Of several callers at once the first starts a job, and the others get that one.
      if (keys.get(key) === before) keys.delete(key);
    }
    return null;
  }

  async function findAll(keyed: readonly (Idempotency | null)[]): Promise<(Job | null)[]> {
    const found: (Job | null)[] = [];
    for (const one of keyed) found.push(one && (await find(one)));
    return found;
  }

  return {
    remember: ({ key, digest }, jobId) => void keys.set(key, { digest, job: Promise.resolve(jobId) }),
    async start(keyed, create) {
      checkUnique(keyed);
      let existing = await findAll(keyed);
      // While one key was looked up, another caller may have used another one. From the last check to the new keys nothing awaits.
      const isTaken = (one: Idempotency | null, position: number) => one && !existing[position] && keys.has(one.key);
      while (keyed.some(isTaken)) existing = await findAll(keyed);
      if (existing.every((job) => job !== null)) return existing;
      const creation = create(existing);
      const used = keyed.flatMap((one, position) => {
        if (!one || existing[position]) return [];
        const job = creation.then((jobs) => jobs[position]?.id ?? '');
        job.catch(() => undefined); // Callers that wait for it get the error, and there may be none.
        keys.set(one.key, { digest: one.digest, job });
        return one.key;
      });
      try {
        return await creation;
      } catch (error) {
        for (const key of used) keys.delete(key);
        throw error;
      }
    },
  };
}

/** The key of a start with the digest of its input; null if it has none. A key of one user means nothing to another. */
export function idempotencyOf(input: StartInput, user: string | null): Idempotency | null {
  const { idempotencyKey } = input;
  if (idempotencyKey == null) return null;
  // Names of users contain no space.
  return { key: user === null ? idempotencyKey : `${user} ${idempotencyKey}`, digest: digestOf(input) };
}

function checkUnique(keyed: readonly (Idempotency | null)[]): void {
  const seen = new Set<string>();
  for (const [position, one] of keyed.entries()) {
    if (one && seen.has(one.key)) {
      throw new InvalidInputError('Two inputs have the same idempotencyKey. Give each a key of its own.', [
        'inputs',
        String(position),
        'idempotencyKey',
      ]);
    }
    if (one) seen.add(one.key);
  }
}
