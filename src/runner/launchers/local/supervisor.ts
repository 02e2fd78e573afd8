import { spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import type { Home } from '../../home.ts';
import type { Python } from '../../python/interpreter.ts';

/** How a supervisor that this server started ended. All are null if only its end is known: its fork server ended before. */
export interface SupervisorExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Set if it could not be started. */
  readonly error: Error | null;
}

/** Exit code of a supervisor that found another one of the same job alive (EX_TEMPFAIL). */
export const ALREADY_SUPERVISED = 75;

export interface StartOptions {
  readonly python: Python;
  readonly home: Home;
  readonly jobId: string;
  readonly attempt: number;
  /** Added to the environment of the supervisor, and so of the trainer. */
  readonly environment: NodeJS.ProcessEnv;
  /** Called once, when the supervisor has ended or could not be started. */
  readonly onExit: (exit: SupervisorExit) => void;
}

/**
 * Spawns the supervisor of an attempt, detached: it has a session of its own and outlives this server.
 * @returns its pid; undefined if it could not be started, which is also passed to `onExit`
 */
export async function spawnSupervisor(options: StartOptions): Promise<number | undefined> {
  const { python, home, jobId, attempt, environment, onExit } = options;
  // Output of the supervisor itself, such as a traceback, belongs in the job's log.
  const log = await open(home.log(jobId), 'a', 0o600);
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
