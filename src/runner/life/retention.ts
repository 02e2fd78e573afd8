import type { Deletion } from './delete-jobs.ts';
import type { Logger } from '../logger.ts';

const INTERVAL_MS = 60 * 60 * 1000;

/** Deletes jobs past their retention at the start and every hour. */
export interface Retention {
  /** Stops, and resolves when no deletion is in progress. */
  close(): Promise<void>;
}

/** @param retentionMs time to keep jobs after their end, ms; null keeps them forever */
export function createRetention(
  retentionMs: number | null,
  { deletion, ready, logger }: { deletion: Deletion; ready: Promise<void>; logger: Logger },
): Retention {
  if (retentionMs === null) return { close: () => Promise.resolve() };
  let cleaning = Promise.resolve();
  const clean = () => {
    cleaning = ready
      .then(() => deletion.deleteJobs({ endedBefore: Date.now() - retentionMs }))
      .then((ids) => {
        if (ids.length > 0) logger.info({ count: ids.length }, 'deleted jobs past their retention');
      })
      .catch((error: unknown) => logger.error({ err: error }, 'cannot delete old jobs; trying again in an hour'));
  };
  const timer = setInterval(clean, INTERVAL_MS);
  clean();

  return {
    async close() {
      clearInterval(timer);
      await cleaning;
    },
  };
}
