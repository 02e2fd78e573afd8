import type { Job } from '../runner/index.ts';
import type { CheckpointFile } from '../runner/index.ts';
import type { Context } from './context.ts';

/** A job's checkpoint, and whether it is one of a simulation; null while there is none. */
export async function readCheckpoint(
  { runner }: Context,
  job: Job,
): Promise<(CheckpointFile & { readonly simulation: boolean }) | null> {
  const file = await runner.checkpoint(job);
  return file === null ? null : { ...file, simulation: job.simulation };
}
