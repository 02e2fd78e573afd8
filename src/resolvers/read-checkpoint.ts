import type { Job } from '../runner/index.ts';
import type { CheckpointFile } from '../runner/index.ts';
import type { Context } from './context.ts';

/** A checkpoint file with the properties that come from its job. */
export interface JobCheckpoint extends CheckpointFile {
  readonly jobId: string;
  readonly simulation: boolean;
  /** Whether the model is of a trainer that exports ONNX. */
  readonly isExportable: boolean;
}

/** Finds the latest checkpoint of a job; null if there is none yet. */
export async function readCheckpoint({ runner }: Context, job: Job): Promise<JobCheckpoint | null> {
  const file = await runner.checkpoint(job);
  if (file === null) return null;
  const { id: jobId, simulation } = job;
  return { ...file, jobId, simulation, isExportable: !simulation && job.request.trainer === 'tabular' };
}
