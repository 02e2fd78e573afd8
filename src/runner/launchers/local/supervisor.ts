import { spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import type { Home } from '../../home.ts';
import type { Python } from '../../python/interpreter.ts';

/** How a supervisor that this server spawned has ended. */
export interface SupervisorExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Set when it could not even be started. */
  readonly error: Error | null;
}

/** Exit code of a supervisor that found another one of the same job alive (EX_TEMPFAIL). */
export const ALREADY_SUPERVISED = 75;

/**
 * Spawns the supervisor of a job, detached: it is in a session of its own and outlives this server.
 * @param environment what is added to its environment, and so to the trainer's
 * @returns its pid; undefined when it could not be started, which `onExit` tells too
 */
export async function spawnSupervisor(
  python: Python,
  home: Home,
  jobId: string,
  attempt: number,
  environment: NodeJS.ProcessEnv,
  onExit: (exit: SupervisorExit) => void,
): Promise<number | undefined> {
  // What the supervisor itself prints (a traceback, if anything) belongs into the job's log.
  const log = await open(home.log(jobId), 'a');
  try {
    const child = spawn(python.path, ['-m', 'trainyard.supervisor', home.root, jobId, String(attempt)], {
      ...python.spawnOptions,
      env: { ...python.spawnOptions.env, ...environment },
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
    });
    child.once('error', (error) => onExit({ code: null, signal: null, error }));
    child.once('exit', (code, signal) => onExit({ code, signal, error: null }));
    child.unref();
    return child.pid;
  } finally {
    await log.close();
  }
}
