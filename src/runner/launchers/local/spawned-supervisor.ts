import type { ProcessIdentity } from '../../job/reports.ts';
import type { SupervisorExit } from './supervisor.ts';

/** State in memory of an attempt that this server runs. Its loss has no consequence. */
export interface SpawnedSupervisor {
  /** The supervisor that this server spawned; undefined if it had no identity to read. */
  identity: ProcessIdentity | undefined;
  /** How it ended; undefined while it runs. */
  exit: SupervisorExit | undefined;
}
