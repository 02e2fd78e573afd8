import type { DeathCause } from '../../job/reports.ts';
import type { LocalHandle } from './handle.ts';
import { findAnyProcess, groupLiveness, livenessOf } from './identity.ts';
import { killLeftovers } from './leftovers.ts';
import { killGroup } from './signal.ts';
import type { SpawnedSupervisor } from './spawned-supervisor.ts';
import { ALREADY_SUPERVISED } from './supervisor.ts';

/** The conclusion from the identities of the processes. */
export type Finding = 'ALIVE' | 'UNKNOWN' | 'NOT_LAUNCHED' | DeathCause;

/**
 * Finds out whether no process of an attempt is alive, by the identities of its processes. Only certainty counts as death.
 * @param spawned the supervisor that this server spawned; undefined if it spawned none
 */
export async function findDeath(
  handle: LocalHandle,
  spawned: SpawnedSupervisor | undefined,
  bootId: string,
): Promise<Finding> {
  return handle.supervisor === null
    ? findDeathBeforeReport(handle, spawned, bootId)
    : findDeathAfterReport(handle, handle.supervisor, bootId);
}

/**
 * Before its first report, only the spawned process and the command lines of this machine's processes are known. An attempt that an
 * earlier server launched is launched again, whatever its processes do: the lock on the spec file decides which supervisor runs it.
 */
async function findDeathBeforeReport(
  { jobId }: LocalHandle,
  spawned: SpawnedSupervisor | undefined,
  bootId: string,
): Promise<Finding> {
  const exit = spawned?.exit;
  if (!spawned) return 'NOT_LAUNCHED';
  if (!exit) return 'ALIVE';
  // A supervisor of an earlier server may be about to report.
  const other = await findAnyProcess(jobId, bootId);
  if (other !== undefined) return other === 'UNKNOWN' ? 'UNKNOWN' : 'ALIVE';
  // Another supervisor had the lock. It died before it could report, and the lock is free.
  if (exit.code === ALREADY_SUPERVISED) return 'NOT_LAUNCHED';
  // Killed together with its fork server, so the cause is unknown.
  if (exit.code === null && exit.signal === null && exit.error === null) return 'NOT_LAUNCHED';
  if (exit.error) {
    return { kind: 'SPAWN_FAILED', message: `Python could not be started: ${exit.error.message}` };
  }
  const how = exit.signal ? `was ended by ${exit.signal}` : `exited with code ${exit.code}`;
  return {
    kind: 'SPAWN_FAILED',
    message: `The supervisor ${how} before it could start the trainer. See the job's log.`,
  };
}

async function findDeathAfterReport(
  { jobId, trainer: known }: LocalHandle,
  supervisor: NonNullable<LocalHandle['supervisor']>,
  bootId: string,
): Promise<Finding> {
  const supervisorLiveness = await livenessOf(supervisor, bootId);
  if (supervisorLiveness !== 'DEAD') return supervisorLiveness;
  // Killed between the spawn of the trainer and its first report, a supervisor leaves a trainer that no file names.
  const trainer = known ?? (await findAnyProcess(jobId, bootId));
  if (trainer === 'UNKNOWN') return 'UNKNOWN';
  if (trainer) {
    const trainerLiveness = await livenessOf(trainer, bootId);
    if (trainerLiveness !== 'DEAD') return trainerLiveness;
    // No supervisor is left to clean up, and processes that the trainer started hold memory and devices.
    const group = await groupLiveness(trainer, bootId);
    if (group === 'ALIVE') await killGroup(trainer, bootId);
    if (group !== 'DEAD') return group;
  }
  if (await killLeftovers(jobId, bootId)) return 'ALIVE';
  return { kind: 'GONE', rebooted: supervisor.bootId !== bootId };
}
