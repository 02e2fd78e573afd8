import type { ReportedProcesses } from '../../job/reports.ts';
import type { Handle } from '../../job/types.ts';
import { isSame } from '../local/identity.ts';

/** The handle of an attempt on a Slurm cluster. */
export interface SlurmHandle extends Handle, ReportedProcesses {
  readonly launcher: 'slurm';
  readonly jobId: string;
  readonly attempt: number;
  /**
   * Name of the Slurm job, unique for the attempt. It is known before the launch, so that a server that was killed between `sbatch` and
   * its answer finds the job again.
   */
  readonly name: string;
}

/** @throws if the handle belongs to another launcher */
export function slurmHandle(handle: Handle): SlurmHandle {
  if (handle.launcher !== 'slurm') {
    throw new Error(`This job was launched by "${handle.launcher}", and this server runs jobs on a Slurm cluster.`);
  }
  return handle as SlurmHandle;
}

/** Creates the handle of a new attempt. */
export function prepareHandle(jobId: string, attempt: number): SlurmHandle {
  return { launcher: 'slurm', jobId, attempt, name: `${jobId}.${attempt}`, supervisor: null, trainer: null };
}

/** Adds the processes that a status report names. Returns the same handle if the report adds nothing. */
export function recognizeProcesses(handle: SlurmHandle, { supervisor, trainer }: ReportedProcesses): SlurmHandle {
  const isNew = (known: SlurmHandle['trainer'], reported: SlurmHandle['trainer']) =>
    reported !== null && (known === null || !isSame(known, reported));
  if (!isNew(handle.supervisor, supervisor) && !isNew(handle.trainer, trainer)) return handle;
  return { ...handle, supervisor: supervisor ?? handle.supervisor, trainer: trainer ?? handle.trainer };
}
