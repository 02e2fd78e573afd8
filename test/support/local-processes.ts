import { readFileSync } from 'node:fs';
import type { Job } from '../../src/runner/index.ts';
import type { ProcessIdentity } from '../../src/runner/job/reports.ts';
import { localHandle } from '../../src/runner/launchers/local/handle.ts';
import { until } from './until.ts';

/** The trainer of a job on this machine; undefined until its pid is known. */
export function trainerOf(job: Job | undefined): ProcessIdentity | undefined {
  return (job?.handle && localHandle(job.handle).trainer) ?? undefined;
}

/** The supervisor of a job on this machine; undefined until its pid is known. */
export function supervisorOf(job: Job | undefined): ProcessIdentity | undefined {
  return (job?.handle && localHandle(job.handle).supervisor) ?? undefined;
}

/** Stops a process until SIGCONT. Waits for the effect: a busy machine may let it first complete a call, for example one that replaces a file. */
export async function freeze(pid: number): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  await until('it is frozen', () => readFileSync(`/proc/${pid}/stat`, 'latin1').includes(') T '));
}
