import type { Job } from '../runner/index.ts';
import type { CheckpointFile } from '../runner/index.ts';
import type { Context } from './context.ts';

/** A checkpoint file with the properties that come from its job. */
export interface JobCheckpoint extends CheckpointFile {
  readonly jobId: string;
  readonly simulation: boolean;
}

/** Finds the latest checkpoint of a job; null if there is none yet. */
export async function readCheckpoint({ runner }: Context, job: Job): Promise<JobCheckpoint | null> {
  const file = await runner.checkpoint(job);
  return file === null ? null : { ...file, jobId: job.id, simulation: job.simulation };
}
