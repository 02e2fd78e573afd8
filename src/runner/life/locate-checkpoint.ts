import type { Home } from '../home.ts';
import type { Job } from '../job/types.ts';
import { findNewestCheckpoint } from '../reports/find-checkpoint.ts';
import { describeCheckpoint } from '../reports/model-file.ts';

/**
 * The checkpoint from which the next attempt of a job continues: the one that the trainer has reported, or else the newest one in the output
 * folder, if the script reads one. The next attempt gets exactly this path, so that it can never continue from another one.
 *
 * Call it while no process of the job is alive.
 *
 * @param reads whether the script reads a checkpoint
 */
export async function locateCheckpoint(
  home: Home,
  job: Job,
  reads: boolean,
): Promise<Pick<Job, 'checkpoint' | 'findsCheckpoint'>> {
  const { checkpoint, findsCheckpoint } = job;
  if (!reads) return { checkpoint, findsCheckpoint: false };
  const isReported = findsCheckpoint !== true && (await describeCheckpoint(home, job)) !== null;
  if (isReported) return { checkpoint, findsCheckpoint: false };
  return { checkpoint: await findNewestCheckpoint(home, job.id), findsCheckpoint: true };
}
