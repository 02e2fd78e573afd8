import { setTimeout as delay } from 'node:timers/promises';
import type { ProcessIdentity } from '../../job/reports.ts';
import type { ForkServer } from './fork-server/create-fork-server.ts';
import { identityOf, livenessOf } from './identity.ts';
import type { SpawnedSupervisor } from './spawned-supervisor.ts';
import { spawnSupervisor, type StartOptions, type SupervisorExit } from './supervisor.ts';

/** Time between two looks at a supervisor whose fork server has ended, ms. */
const LOOK_MS = 500;

export interface SupervisorStart extends Omit<StartOptions, 'onExit' | 'environment'> {
  /** Added to the environment of the supervisor, and so of the trainer. */
  readonly environment: Readonly<Record<string, string>>;
  readonly bootId: string;
  /** Called once, when a supervisor may exist. */
  readonly onStart: () => void;
  /** Called once, when it has ended or could not be started. */
  readonly onExit: () => void;
}

/**
 * Starts the supervisor of an attempt, with the fork server if it can, and follows it in `started`. After any doubt about the fork
 * server, Python is started: of two supervisors, the lock on the spec file lets one run the attempt.
 * @throws if it could not be started
 */
export async function startSupervisor(
  started: SpawnedSupervisor,
  forkServer: ForkServer | null,
  start: SupervisorStart,
): Promise<void> {
  const { jobId, attempt, environment, bootId } = start;
  const end = (exit: SupervisorExit) => {
    started.exit = exit;
    start.onExit();
  };
  const forked = await forkServer?.launch({ job_id: jobId, attempt, environment });
  if (forked) {
    started.identity = forked.identity ?? undefined;
    start.onStart();
    void forked.ended.then(async (exit) => end(exit ?? (await endOf(forked.identity, bootId))));
    return;
  }
  const pid = await spawnSupervisor({ ...start, onExit: end });
  start.onStart();
  if (pid === undefined) throw new Error('The supervisor could not be started.');
  started.identity = await identityOf(pid, bootId);
}

/** Waits for the end of a process that is not a child of this one. */
async function endOf(identity: ProcessIdentity | null, bootId: string): Promise<SupervisorExit> {
  while (identity && (await livenessOf(identity, bootId)) !== 'DEAD') await delay(LOOK_MS, undefined, { ref: false });
  return { code: null, signal: null, error: null };
}
