import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { parseJobs, type SlurmJob, SQUEUE_FORMAT } from './slurm-job.ts';

const run = promisify(execFile);
/** Maximum time for an answer of the controller, ms. Slurm's own commands try for 10 s. */
const TIMEOUT_MS = 30_000;
/** Maximum answer: about 100 bytes for each job. */
const MAX_BYTES = 64 * 1024 * 1024;
/** Maximum length of what a command says about an error, characters. */
const MAX_MESSAGE = 500;

/** Slurm refused a command, or did not answer. The message is what it said. */
export class SlurmError extends Error {
  override readonly name = 'SlurmError';
}

/** Slurm's commands. Arguments are lists, and none is read by a shell. Each throws {@link SlurmError} if it fails. */
export interface SlurmCommands {
  /** @returns the id of the new job */
  submit(options: readonly string[], script: string, args: readonly string[]): Promise<number>;
  /** All jobs of this user that the controller knows, those that ended some minutes ago included. */
  list(): Promise<SlurmJob[]>;
  /** Sends a signal to the batch step only, which passes it on. */
  signal(id: number, signal: 'TERM' | 'USR2'): Promise<void>;
  /** Kills every process of a job. */
  killAll(id: number): Promise<void>;
  /** Removes a job from the queue or, if it runs, ends it as Slurm does: SIGTERM, then SIGKILL after the cluster's `KillWait`. */
  cancel(id: number, which: 'WAITING' | 'ANY'): Promise<void>;
  /** The state of the newest job of this name in the accounting database; null if there is none, or no database. */
  stateInAccounting(name: string): Promise<string | null>;
}

/** @param environment of the commands, and so of the jobs that are submitted */
export function createSlurmCommands(environment: NodeJS.ProcessEnv): SlurmCommands {
  const variables = { ...environment, LC_ALL: 'C' };

  async function command(name: string, args: readonly string[], env: NodeJS.ProcessEnv = variables): Promise<string> {
    try {
      const { stdout } = await run(name, args, {
        env,
        timeout: TIMEOUT_MS,
        killSignal: 'SIGKILL',
        maxBuffer: MAX_BYTES,
      });
      return stdout;
    } catch (error) {
      throw new SlurmError(explain(name, error as Failure), { cause: error });
    }
  }

  return {
    async submit(options, script, args) {
      const answer = await command('sbatch', ['--parsable', ...options, script, ...args], environment);
      // `id`, or `id;cluster`.
      const id = Number(answer.trim().split(';')[0]);
      if (!Number.isSafeInteger(id) || id <= 0) throw new SlurmError(`sbatch answered ${answer.slice(0, 100)}.`);
      return id;
    },
    // `--all`: jobs in partitions that are hidden from this user too.
    list: async () =>
      parseJobs(await command('squeue', ['--noheader', '--me', '--all', '--states=all', `--Format=${SQUEUE_FORMAT}`])),
    async signal(id, signal) {
      await command('scancel', [`--signal=${signal}`, '--batch', String(id)]);
    },
    async killAll(id) {
      await command('scancel', ['--signal=KILL', '--full', String(id)]);
    },
    async cancel(id, which) {
      await command('scancel', [...(which === 'WAITING' ? ['--state=PENDING'] : []), String(id)]);
    },
    async stateInAccounting(name) {
      const columns = ['--noheader', '--parsable2', '--allocations', '--format=State'];
      // Without a start, sacct answers for today only.
      const answer = await command('sacct', [...columns, `--name=${name}`, '--starttime=now-30days']).catch(() => '');
      // For example `CANCELLED by 1000`.
      return answer.trim().split('\n').at(-1)?.split(' ')[0] || null;
    },
  };
}

/** The errors that `execFile` throws. */
interface Failure extends Error {
  readonly code?: string | number | null;
  readonly killed?: boolean;
  readonly stderr?: string;
}

function explain(name: string, { code, killed, stderr = '', message }: Failure): string {
  if (code === 'ENOENT') return `There is no command ${name}. Install Slurm's client commands on the server's machine.`;
  if (killed) return `${name} did not answer within ${TIMEOUT_MS / 1000} seconds.`;
  const lines = stderr.trim().split('\n');
  // The last line says what failed; sbatch repeats its own name in it.
  const last = lines.at(-1)?.replace(/^\w+: (error: )?/, '') || message;
  return last.slice(0, MAX_MESSAGE);
}
