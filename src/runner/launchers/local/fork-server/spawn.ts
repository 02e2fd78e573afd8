import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import type { Home } from '../../../home.ts';
import type { Python } from '../../../python/interpreter.ts';

/** Room for the command lines and environments of the forked processes, bytes: a long list of GPUs fits. */
const ROOM = ' '.repeat(8_192);
/** The environment variable with the room; the fork server removes it. */
const ROOM_VARIABLE = 'TRAINYARD_FORK_SERVER_ROOM';
/** Time without a server and without a job after which a fork server ends, s: a restart of the server takes less. */
const IDLE_SECONDS = 60;

export interface SpawnedForkServer {
  /** Resolves with the exit code; null if a signal ended it or it could not be started. */
  readonly ended: Promise<number | null>;
}

/** Starts a fork server, detached: it outlives this server. It accepts connections once its imports are complete. */
export async function spawnForkServer(
  python: Python,
  home: Home,
  circumstances: string,
  logPath: string,
): Promise<SpawnedForkServer> {
  const log = await open(logPath, 'w', 0o600);
  try {
    const { cwd, env } = python.spawnOptions;
    const parameters = ['-m', 'trainyard.fork_server', home.root, circumstances, String(IDLE_SECONDS), ROOM];
    const child = spawn(python.path, parameters, {
      cwd,
      env: { ...env, [ROOM_VARIABLE]: ROOM },
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
    });
    child.unref();
    const ended = once(child, 'exit').then(
      ([code]) => code as number | null,
      () => null,
    );
    return { ended };
  } finally {
    await log.close();
  }
}
