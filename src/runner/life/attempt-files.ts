import { lstat } from 'node:fs/promises';
import type { Home } from '../home.ts';
import type { Job } from '../job/types.ts';
import type { Launcher } from '../launchers/launcher.ts';
import type { Logger } from '../logger.ts';
import { replaceFile } from '../reports/replace-file.ts';
import { specFileOf, statusFileOf } from '../reports/written-files.ts';

/** The files that the runner writes for an attempt, while no process of it is alive. */
export interface AttemptFiles {
  /**
   * Writes what the attempt reads, before its handle is recorded.
   * @throws if the disk does not take it
   */
  writeInputs(job: Job): Promise<void>;
  /** Writes the status file for its readers. A failure is logged: the record does not depend on this file. */
  writeStatus(job: Job): Promise<void>;
}

export function createAttemptFiles(home: Home, launcher: Launcher, logger: Logger): AttemptFiles {
  return {
    async writeInputs(job) {
      // Also written at submit; here again in case the last server was killed before that. Never replaced: the supervisor locks it.
      await lstat(home.spec(job.id)).catch(() => replaceFile(home, home.spec(job.id), specFileOf(job), true));
      // A later attempt reads from it how many epochs to reach in total. For the first attempt the file from submit stays: a newer
      // one would make the trainer's first report look old.
      const isWritten = job.attempt === 1 && (await lstat(home.status(job.id)).catch(() => null)) !== null;
      if (!isWritten) await replaceFile(home, home.status(job.id), statusFileOf(job, null), true);
    },
    async writeStatus(job) {
      const processes = job.handle && launcher.describe(job.handle).processes;
      try {
        await replaceFile(home, home.status(job.id), statusFileOf(job, processes), true);
      } catch (error) {
        logger.error({ err: error, jobId: job.id }, 'cannot write the status file');
      }
    },
  };
}
