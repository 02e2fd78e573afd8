import type { EventChannel } from '../events.ts';
import type { Home } from '../home.ts';
import { DiskFullError, StorageQuotaError, TooManyJobsError } from '../job/errors.ts';
import { exceededQuota, type Quota } from '../job/quota.ts';
import type { Job } from '../job/types.ts';
import type { Logger } from '../logger.ts';
import type { JobIndex } from '../store/job-index.ts';
import type { DatasetOwners } from './dataset-owners.ts';
import { bytesOfJob, datasetKey, datasetOf, filesOfHome } from './files-of-home.ts';
import { createFreeBytes } from './free-bytes.ts';
import { createStoredBytes, type Measurement } from './stored-bytes.ts';

/** Time between two measurements of all files, ms. At least twenty times as long as a measurement takes. */
const MEASURE_EVERY_MS = 60_000;
const MEASURE_SHARE = 20;

/** Decides whether a home may take more jobs and files. */
export interface StorageLimits {
  /**
   * Checks the free space of the disk, and the stored bytes of a user and of all.
   * @throws DiskFullError, StorageQuotaError
   */
  checkSpace(user: string | null): Promise<void>;
  /** @throws TooManyJobsError if `more` jobs of this user would be too many */
  checkJobs(user: string | null, more: number): void;
  /** Starts to count an upload. Its bytes count from the first one on, so that several uploads cannot exceed a quota together. */
  countUpload(staged: string, user: string | null): CountedUpload;
  /** A dataset has been deleted: its bytes count no more, and it has no owner. */
  forgetDataset(name: string): void;
  /** Stops, and resolves when no measurement is in progress. */
  close(): Promise<void>;
}

export interface CountedUpload {
  /** @throws StorageQuotaError once the bytes so far are too many */
  add(bytes: number): void;
  /** The upload has become a dataset of its user. */
  stored(name: string): void;
  /** The upload is over. */
  end(): void;
}

export interface StorageSettings {
  readonly home: Home;
  readonly index: JobIndex;
  readonly owners: DatasetOwners;
  readonly events: EventChannel;
  readonly logger: Logger;
  /** Resolves when the jobs are known. */
  readonly ready: Promise<unknown>;
  /** Bytes of the disk that starts and uploads leave free. */
  readonly minFreeBytes: number;
  /** Bytes of the datasets, models and artifacts. */
  readonly maxStoredBytes: Quota;
  /** Jobs in the record. */
  readonly maxJobs: Quota;
  /** Default one minute. */
  readonly measureEveryMs?: number | undefined;
}

/**
 * The stored bytes are running totals, so that no request waits for a walk through folders: uploads, ended jobs and deletions change
 * them at once. A measurement of all files corrects them regularly, for running jobs and for files that others add or remove.
 */
export function createStorageLimits(settings: StorageSettings): StorageLimits {
  const { home, index, owners, events, logger, ready, minFreeBytes, maxStoredBytes, maxJobs } = settings;
  const measureEveryMs = settings.measureEveryMs ?? MEASURE_EVERY_MS;
  const freeBytes = createFreeBytes([home.artifacts, home.models, home.datasets]);
  const stored = createStoredBytes();
  const isCounted = maxStoredBytes.perUser !== Infinity || maxStoredBytes.total !== Infinity;
  let closed = false;
  let timer: NodeJS.Timeout | undefined;
  let working: Promise<void> = Promise.resolve();

  function userOf(key: string): string | null {
    const dataset = datasetOf(key);
    return dataset === undefined ? (index.get(key)?.startedBy ?? null) : owners.of(dataset);
  }

  function checkStored(user: string | null, more: number): void {
    const use = { ofUser: user === null ? null : stored.of(user), total: stored.total };
    const exceeded = exceededQuota(maxStoredBytes, use, more);
    if (exceeded === 'USER') throw new StorageQuotaError(exceeded, use.ofUser ?? 0, maxStoredBytes.perUser);
    if (exceeded === 'SERVER') throw new StorageQuotaError(exceeded, use.total, maxStoredBytes.total);
  }

  async function readAll(measurement: Measurement): Promise<void> {
    for await (const { key, bytes } of filesOfHome(home)) {
      if (closed) return;
      measurement.add(key, bytes);
    }
    await measurement.apply(userOf);
    // Not by what the measurement read: an upload may have ended meanwhile.
    owners.keepOnly((name) => stored.has(datasetKey(name)));
  }

  async function measure(): Promise<void> {
    const startedAt = performance.now();
    try {
      await readAll(stored.startMeasurement());
    } catch (error) {
      logger.warn({ err: error }, 'cannot measure the stored bytes; trying again later');
    }
    if (closed) return;
    const waitMs = Math.max(measureEveryMs, (performance.now() - startedAt) * MEASURE_SHARE);
    const again = () => {
      working = measure();
    };
    timer = setTimeout(again, Math.min(waitMs, 2 ** 31 - 1)).unref();
  }

  async function measureJob({ id, startedBy }: Job): Promise<void> {
    const bytes = await bytesOfJob(home, id).catch(() => null);
    if (bytes !== null && index.get(id)) stored.set(id, startedBy, bytes);
  }

  if (isCounted) {
    events.subscribe((event) => {
      if (event.type === 'jobEnded') void measureJob(event.job);
      // Its files are removed right after.
      else if (event.type === 'jobChanged' && !index.has(event.jobId)) stored.delete(event.jobId);
    });
    working = ready.then(() => index.indexed).then(measure, () => undefined);
  }

  return {
    async checkSpace(user) {
      if (minFreeBytes > 0 && (await freeBytes()) < minFreeBytes) throw new DiskFullError(minFreeBytes);
      checkStored(user, 1);
    },
    checkJobs(user, more) {
      const kept = { ofUser: user === null ? null : index.countOf(user), total: index.count() };
      const exceeded = exceededQuota(maxJobs, kept, more);
      if (exceeded) throw new TooManyJobsError(exceeded, exceeded === 'USER' ? maxJobs.perUser : maxJobs.total);
    },
    countUpload(staged, user) {
      const key = `upload ${staged}`;
      let bytes = 0;
      return {
        add(more) {
          bytes += more;
          stored.set(key, user, bytes);
          checkStored(user, 0);
        },
        stored(name) {
          stored.set(datasetKey(name), user, bytes);
          owners.set(name, user);
        },
        end: () => stored.delete(key),
      };
    },
    forgetDataset(name) {
      stored.delete(datasetKey(name));
      owners.set(name, null);
    },
    async close() {
      closed = true;
      clearTimeout(timer);
      await working;
    },
  };
}
