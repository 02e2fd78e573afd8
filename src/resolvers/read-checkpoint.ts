import type { Job } from '../runner/index.ts';
import type { CheckpointFile } from '../runner/index.ts';
import type { Context } from './context.ts';

/** A job's checkpoint with what only the job knows of it. */
export interface JobCheckpoint extends CheckpointFile {
  readonly jobId: string;
  readonly simulation: boolean;
}

/** A job's checkpoint; null while there is none. */
export async function readCheckpoint({ runner }: Context, job: Job): Promise<JobCheckpoint | null> {
  const file = await runner.checkpoint(job);
  return file === null ? null : { ...file, jobId: job.id, simulation: job.simulation };
}
