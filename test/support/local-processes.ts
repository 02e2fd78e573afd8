import type { Job } from '../../src/runner/index.ts';
import type { ProcessIdentity } from '../../src/runner/job/reports.ts';
import { localHandle } from '../../src/runner/launchers/local/handle.ts';

/** The trainer of a job on this machine; undefined until its pid is known. */
export function trainerOf(job: Job | undefined): ProcessIdentity | undefined {
  return (job?.handle && localHandle(job.handle).trainer) ?? undefined;
}

/** The supervisor of a job on this machine; undefined until its pid is known. */
export function supervisorOf(job: Job | undefined): ProcessIdentity | undefined {
  return (job?.handle && localHandle(job.handle).supervisor) ?? undefined;
}
