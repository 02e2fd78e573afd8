import { rm } from 'node:fs/promises';
import { type Home, namedFilesOfJob } from '../home.ts';
import { isTerminal } from '../job/status.ts';
import type { Job } from '../job/types.ts';
import { matcherOf } from '../store/job-filter.ts';
import { comparePlaces, NEWEST_FIRST, placeOf } from '../store/job-order.ts';
import type { JobStore } from '../store/job-store.ts';
import { modelsByJob } from '../storage/files-of-home.ts';
import { removeFolder } from './remove-folder.ts';
import type { JobFilter } from '../store/job-query.ts';

/** Deletes jobs that have ended, with all their files. */
export interface Deletion {
  /** Deletes the matching jobs, except those that have not ended or will be retried. @returns the ids of the deleted jobs */
  deleteJobs(filter: JobFilter, startedBy?: string): Promise<string[]>;
  /** The ids of the jobs that `deleteJobs` would delete now, newest first. */
  deletableJobs(filter: JobFilter, startedBy?: string): readonly string[];
  /** Finishes deletions that the last server started. */
  resume(): Promise<void>;
}

/** Jobs per transaction, which blocks the event loop. */
const BATCH = 500;

export function createDeletion(home: Home, jobs: JobStore): Deletion {
  async function removeFiles(id: string, models: readonly string[]): Promise<void> {
    for (const file of [...namedFilesOfJob(home, id), ...models]) await rm(file, { force: true });
    await removeFolder(home.output(id));
  }

  function select(filter: JobFilter, startedBy: string | undefined): Job[] {
    return jobs.index.select(filter).filter((job) => isOver(job) && isFrom(job, startedBy));
  }

  async function finish(ids: readonly string[]): Promise<void> {
    const models = await modelsByJob(home);
    for (const id of ids) await removeFiles(id, models.get(id) ?? []);
    jobs.forget(ids);
  }

  return {
    async deleteJobs(filter, startedBy) {
      const matches = matcherOf(filter);
      const deletable = (job: Job | undefined) => job !== undefined && isOver(job) && matches(job);
      const found = select(filter, startedBy);
      const deleted: string[] = [];
      for (let from = 0; from < found.length; from += BATCH) {
        // Checked again: while the batch before was deleted, a client may have resumed or deleted one of these.
        const ids = found
          .slice(from, from + BATCH)
          .map(({ id }) => id)
          .filter((id) => deletable(jobs.index.get(id)));
        // Recorded first: if the server is killed between two files, the next start finishes the deletion, and no partial job is visible.
        jobs.markDeleting(ids);
        await finish(ids);
        deleted.push(...ids);
      }
      return deleted;
    },
    deletableJobs: (filter, startedBy) =>
      select(filter, startedBy)
        .sort((a, b) => comparePlaces(placeOf(a, NEWEST_FIRST), placeOf(b, NEWEST_FIRST), 'DESC'))
        .map(({ id }) => id),
    async resume() {
      await finish(jobs.deleting());
    },
  };
}

function isFrom(job: Job, user: string | undefined): boolean {
  return user === undefined || job.startedBy === user;
}

function isOver({ state, retryAt }: Job): boolean {
  return isTerminal(state.status) && retryAt === null;
}
