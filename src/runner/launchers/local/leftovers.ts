import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { ProcessIdentity } from '../../job/reports.ts';
import { identityOf, livenessOf } from './identity.ts';
import { signalProcess } from './signal.ts';

/** Times to look again: a process that forks while it is killed leaves a child for the next look. */
const ROUNDS = 10;
/** Time for the killed processes to end, ms. The kernel frees their memory meanwhile. */
const END_MS = 2_000;
const POLL_MS = 10;

/**
 * Kills the processes of a job that are in none of its groups, such as a daemon. They inherited the job id in their environment. Linux
 * only. For a job whose supervisor is dead: a live supervisor does this itself, and finds more, because they are its descendants.
 * @returns whether a process of the job may still be alive
 */
export async function killLeftovers(jobId: string, bootId: string): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  try {
    for (let round = 0; round < ROUNDS; round += 1) {
      const found = await findLeftovers(jobId, bootId);
      if (found.length === 0) return false;
      for (const identity of found) await signalProcess(identity, 'SIGKILL', bootId);
      if (!(await areGone(found, bootId))) return true;
    }
    return true;
  } catch {
    return true; // They could not be observed, which proves nothing.
  }
}

/** The live processes that this user owns and that have the job id in their environment. */
async function findLeftovers(jobId: string, bootId: string): Promise<ProcessIdentity[]> {
  const found: ProcessIdentity[] = [];
  for (const name of await readdir('/proc')) {
    const pid = Number(name);
    if (!(pid > 1) || pid === process.pid) continue;
    // It has ended, belongs to another user, or has no memory any more: not one that can be killed here.
    const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '');
    if (!environment.split('\0').includes(`TRAINYARD_JOB_ID=${jobId}`)) continue;
    const identity = await identityOf(pid, bootId);
    if (identity) found.push(identity);
  }
  return found;
}

async function areGone(processes: readonly ProcessIdentity[], bootId: string): Promise<boolean> {
  const deadline = performance.now() + END_MS;
  for (const identity of processes) {
    while ((await livenessOf(identity, bootId)) !== 'DEAD') {
      if (performance.now() > deadline) return false;
      await delay(POLL_MS);
    }
  }
  return true;
}
