import { type ChildProcess, type ChildProcessWithoutNullStreams, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { delimiter } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { inheritedEnvironment } from './environment.ts';
import { SETUP_COMMAND } from './setup-command.ts';

const run = promisify(execFile);

/** The folder with the `trainyard` Python package that belongs to this program. */
const PACKAGE_FOLDER = fileURLToPath(new URL('../../../python', import.meta.url));

/** Maximum wait for the end of a killed process, ms. */
const KILL_MS = 5_000;

/** The Python that trainers run with. */
export interface Python {
  /** Path or name of the interpreter. */
  readonly path: string;
  /** Options that every process started with it needs. */
  readonly spawnOptions: { readonly cwd: string; readonly env: NodeJS.ProcessEnv };
  /**
   * Runs `python -m trainyard <args>` and returns its standard output.
   * @param signal kills the process when it aborts; the call rejects when the process has ended
   * @throws PythonError if it cannot be run, fails, prints more than 16 MiB, takes longer than `timeoutMs`, or is killed
   */
  trainyard(args: readonly string[], timeoutMs: number, signal?: AbortSignal): Promise<string>;
  /** Starts `python -m <module> <args>` with pipes, for a process that answers requests until it is killed. */
  spawn(module: string, args: readonly string[]): ChildProcessWithoutNullStreams;
}

/** Python could not be run, or it failed. The message says what to do. */
export class PythonError extends Error {
  override readonly name = 'PythonError';
  /**
   * Whether the process ran until it was killed: by the timeout, by the limit of its output, or by the system. Otherwise Python itself
   * does not work, whatever the arguments.
   */
  readonly killed: boolean;
  /** Its standard output up to that time. */
  readonly printed: string;

  constructor(message: string, options: ErrorOptions & { killed?: boolean; printed?: string } = {}) {
    super(message, options);
    this.killed = options.killed ?? false;
    this.printed = options.printed ?? '';
  }
}

/**
 * The interpreter at `path` (a path, or a name to find in PATH).
 * @param trainerEnv variables that its processes inherit besides the usual ones, see {@link inheritedEnvironment}
 * @param variables environment variables to set besides
 */
export function pythonAt(
  path: string,
  trainerEnv: readonly string[] = [],
  variables: Readonly<Record<string, string>> = {},
): Python {
  const spawnOptions = {
    // `-m` puts the current folder first on Python's path: a `json.py` in the user's home must not shadow the real one.
    cwd: PACKAGE_FOLDER,
    env: {
      ...inheritedEnvironment(process.env, trainerEnv),
      // Any interpreter finds the package, also one of a user's own environment in which it is not installed.
      PYTHONPATH: [PACKAGE_FOLDER, process.env['PYTHONPATH']].filter(Boolean).join(delimiter),
      PYTHONUTF8: '1',
      ...variables,
    },
  };
  return {
    path,
    spawnOptions,
    spawn: (module, args) => spawn(path, ['-m', module, ...args], { ...spawnOptions, stdio: 'pipe' }),
    async trainyard(args, timeoutMs, signal) {
      let child: ChildProcess | undefined;
      try {
        const running = run(path, ['-m', 'trainyard', ...args], {
          ...spawnOptions,
          timeout: timeoutMs,
          killSignal: 'SIGKILL',
          signal,
          maxBuffer: 16 * 1024 * 1024,
        });
        ({ child } = running);
        return (await running).stdout;
      } catch (error) {
        if (child) await exitOf(child);
        const failure = error as Failure;
        throw new PythonError(explain(path, failure, timeoutMs), {
          cause: error,
          killed: wasKilled(failure),
          printed: failure.stdout ?? '',
        });
      }
    },
  };
}

/**
 * Waits for the end of a killed process, for a limited time, as it may wait for a device: `execFile` rejects an abort at once, while the
 * process can still complete a write.
 */
async function exitOf(child: ChildProcess): Promise<void> {
  const hasEnded = child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
  if (!hasEnded) await once(child, 'exit', { signal: AbortSignal.timeout(KILL_MS) }).catch(() => undefined);
}

/** The errors that `execFile` throws. */
interface Failure extends Error {
  readonly code?: string | number | null;
  readonly killed?: boolean;
  readonly signal?: string | null;
  readonly stdout?: string;
  readonly stderr?: string;
}

function wasKilled({ killed, signal, code }: Failure): boolean {
  return killed === true || (signal ?? null) !== null || code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER';
}

function explain(path: string, failure: Failure, timeoutMs: number): string {
  const advice = `Run \`${SETUP_COMMAND}\`, or point TRAINYARD_PYTHON at a Python 3.10 or newer.`;
  if (failure.code === 'ENOENT') return `There is no Python at ${path}. ${advice}`;
  if (failure.code === 'EACCES') return `${path} may not be executed. ${advice}`;
  if (failure.killed) return `Python at ${path} did not answer within ${timeoutMs / 1000} seconds.`;
  const lastLine = failure.stderr?.trim().split('\n').at(-1) ?? String(failure);
  return `Python at ${path} failed: ${lastLine.slice(0, 500)} ${advice}`;
}
