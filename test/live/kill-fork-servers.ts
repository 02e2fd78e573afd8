import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { livingForkServer } from '../faults/faults.ts';
import { signal } from '../faults/processes.ts';
import type { Random } from '../faults/random.ts';

const POLL_MS = 20;

/** A fork server that was killed. */
export interface KilledForkServer {
  readonly pid: number;
  /** The supervisors that it had forked and that were alive. */
  readonly supervisors: number;
}

/**
 * Kills each fork server of a home at a random instant, until `end` is aborted.
 * @param longestLife from the moment in which it accepts connections, ms
 */
export async function killForkServers(
  home: string,
  random: Random,
  longestLife: number,
  end: AbortSignal,
): Promise<KilledForkServer[]> {
  const killed: KilledForkServer[] = [];
  while (!end.aborted) {
    await delay(POLL_MS);
    const forkServer = await livingForkServer(home);
    if (!forkServer) continue;
    await delay(random.next() * longestLife, undefined, { signal: end }).catch(() => undefined);
    const supervisors = countChildren(forkServer.pid);
    if (signal(forkServer, 'SIGKILL')) killed.push({ pid: forkServer.pid, supervisors });
  }
  return killed;
}

function countChildren(pid: number): number {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).length;
  } catch {
    return 0;
  }
}
