import type { ProcessIdentity } from '../../job/reports.ts';
import type { SupervisorExit } from './supervisor.ts';

/** What this server holds in memory about an attempt that it runs. Lost with the server, without consequence. */
export interface SpawnedSupervisor {
  /** The supervisor that this server spawned; undefined if it had no identity to read. */
  identity: ProcessIdentity | undefined;
  /** How it ended; undefined while it runs. */
  exit: SupervisorExit | undefined;
}
