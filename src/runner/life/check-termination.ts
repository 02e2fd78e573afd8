import type { ProofOfDeath } from '../job/outcome.ts';
import type { Job } from '../job/job.ts';
import type { LiveJob } from './attempt-runtime.ts';
import { findAnyProcess, groupLiveness, livenessOf } from '../launchers/local/identity.ts';
import { killGroup } from '../launchers/local/signal.ts';
import { ALREADY_SUPERVISED } from '../launchers/local/supervisor.ts';

/**
 * Proves that no process of `job` lives, without an exit file. Undefined when one lives, or when that cannot be told: failing
 * to observe proves nothing.
 */
export async function findDeath(job: Job, live: LiveJob, bootId: string): Promise<ProofOfDeath | undefined> {
  const exit = live.childExit;
  const { supervisor } = job;
  // What became of our child proves nothing while a supervisor of an earlier server may be about to speak up.
  if (exit && !supervisor && (await findAnyProcess(job.id, bootId))) return undefined;
  if (exit?.error) {
    return {
      kind: 'NEVER_STARTED',
      reason: 'SPAWN_FAILED',
      message: `Python could not be started: ${exit.error.message}`,
    };
  }
  if (!supervisor) {
    // With ALREADY_SUPERVISED another supervisor has the job, and will say so in the status file.
    if (!exit || exit.code === ALREADY_SUPERVISED) return undefined;
    const how = exit.signal ? `was ended by ${exit.signal}` : `ended with exit code ${exit.code}`;
    return {
      kind: 'NEVER_STARTED',
      reason: 'SPAWN_FAILED',
      message: `The supervisor ${how} before it could start the trainer. The log says more.`,
    };
  }
  if ((await livenessOf(supervisor, bootId)) !== 'DEAD') return undefined;
  // Killed between the spawn of the trainer and the trainer's first word, the supervisor leaves one that nobody has named.
  const trainer = job.process ?? (await findAnyProcess(job.id, bootId));
  if (trainer === 'UNKNOWN') return undefined;
  if (trainer) {
    if ((await livenessOf(trainer, bootId)) !== 'DEAD') return undefined;
    // The leader is dead and nobody is left to clear up after it: what remains of its group holds memory and devices.
    const group = await groupLiveness(trainer, bootId);
    if (group === 'ALIVE') await killGroup(trainer, bootId);
    if (group !== 'DEAD') return undefined;
  }
  return { kind: 'GONE', rebooted: supervisor.bootId !== bootId };
}
