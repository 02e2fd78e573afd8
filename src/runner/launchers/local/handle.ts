import type { ProcessIdentity, ReportedProcesses } from '../../job/reports.ts';
import type { Handle } from '../../job/types.ts';
import type { AttemptId } from '../launcher.ts';
import { isSame } from './identity.ts';

/** The handle of an attempt on this machine. */
export interface LocalHandle extends Handle {
  readonly launcher: 'local';
  readonly jobId: string;
  readonly attempt: number;
  /** The leased GPUs, as CUDA_VISIBLE_DEVICES names them; null leaves that variable as it is. */
  readonly gpuDevices: readonly string[] | null;
  /** Null until the status file names it. */
  readonly supervisor: ProcessIdentity | null;
  /** The trainer, leader of its process group; null until the status file names it. */
  readonly trainer: ProcessIdentity | null;
}

/** @throws if the handle belongs to another launcher */
export function localHandle(handle: Handle): LocalHandle {
  if (handle.launcher !== 'local') {
    throw new Error(`This job was launched by "${handle.launcher}", and this server runs jobs on its own machine.`);
  }
  return handle as LocalHandle;
}

/**
 * Creates the handle of a new attempt, with the first GPUs that no other attempt leases.
 * @param gpus all GPUs of this machine
 * @throws if too few are free
 */
export function prepareHandle(
  { jobId, attempt, gpus: wanted }: AttemptId,
  gpus: readonly string[],
  others: readonly Handle[],
): LocalHandle {
  const leased = new Set(others.flatMap((other) => localHandle(other).gpuDevices ?? []));
  const free = gpus.filter((device) => !leased.has(device));
  if ((wanted ?? 0) > free.length) throw new Error(`${jobId} needs ${wanted} GPUs, and ${free.length} are free.`);
  const gpuDevices = wanted === null ? null : free.slice(0, wanted);
  return { launcher: 'local', jobId, attempt, gpuDevices, supervisor: null, trainer: null };
}

/**
 * Adds the processes that a status report names. What is known is not forgotten if a report leaves it out. Returns the same handle if
 * the report adds nothing, so that it is recorded only when it changes.
 */
export function recognizeProcesses(handle: LocalHandle, { supervisor, trainer }: ReportedProcesses): LocalHandle {
  const isKnown = (known: ProcessIdentity | null, reported: ProcessIdentity | null) =>
    reported === null || (known !== null && isSame(known, reported));
  if (isKnown(handle.supervisor, supervisor) && isKnown(handle.trainer, trainer)) return handle;
  return { ...handle, supervisor: supervisor ?? handle.supervisor, trainer: trainer ?? handle.trainer };
}
