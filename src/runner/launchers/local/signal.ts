import { isCode } from '../../system-errors.ts';
import type { ProcessIdentity } from '../../job/reports.ts';
import { groupLiveness, livenessOf } from './identity.ts';

/**
 * Signals exactly this process. False if it no longer exists. Between the check and the signal the pid could in theory
 * pass to another process; the kernel hands out all other numbers first, so that window is not microseconds but hours.
 */
export async function signalProcess(
  identity: ProcessIdentity,
  signal: NodeJS.Signals,
  bootId: string,
): Promise<boolean> {
  if ((await livenessOf(identity, bootId)) !== 'ALIVE') return false;
  return send(identity.pid, signal);
}

/** Kills every process of the group that `leader` led. False when none is left. */
export async function killGroup(leader: ProcessIdentity, bootId: string): Promise<boolean> {
  if ((await groupLiveness(leader, bootId)) !== 'ALIVE') return false;
  return send(-leader.pid, 'SIGKILL');
}

function send(target: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(target, signal);
  } catch (error) {
    if (isCode(error, 'ESRCH')) return false;
    throw error;
  }
}
