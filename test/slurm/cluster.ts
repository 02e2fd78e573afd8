import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../support/free-port.ts';
import { until } from './patience.ts';

const SCRIPT = fileURLToPath(new URL('cluster.sh', import.meta.url));
const PROGRAMS = ['/usr/sbin/slurmctld', '/usr/sbin/slurmd', '/usr/sbin/munged', '/usr/bin/sbatch'];

/**
 * Why no cluster can be started here; null if one can. With `CI` set, as `.ci/run` does, the tests fail rather than leave it out.
 */
export const NO_CLUSTER: string | null =
  PROGRAMS.every((path) => existsSync(path)) || process.env['CI'] !== undefined
    ? null
    : 'Slurm is not installed. `apt-get install -y --no-install-recommends slurmctld slurmd slurm-client munge`';

export type NodeName = 'n1' | 'n2';

/** A real Slurm cluster of two nodes on this machine. */
export interface Cluster extends Disposable {
  /** The required value of `SLURM_CONF`. */
  readonly conf: string;
  /** Runs a command of Slurm and returns what it printed. */
  slurm(command: string, ...args: readonly string[]): string;
  /** Kills the daemon of a node. The processes of jobs live on. */
  killNode(name: NodeName): Promise<void>;
  startNode(name: NodeName): void;
  killController(): Promise<void>;
  startController(): Promise<void>;
  /** Cancels every job, and waits until both nodes are idle. */
  clear(): Promise<void>;
}

/** Starts of a cluster: another program may take a port between the choice and the start. */
const STARTS = 3;

/** Starts a cluster, and sets `SLURM_CONF` of this process until it is disposed. */
export async function startCluster(): Promise<Cluster> {
  const errors: string[] = [];
  for (let start = 1; start <= STARTS; start += 1) {
    try {
      return await tryStart();
    } catch (error) {
      errors.push(`${start}. ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw new Error(`The cluster does not start.\n${errors.join('\n')}`);
}

async function tryStart(): Promise<Cluster> {
  const folder = mkdtempSync(join(tmpdir(), 'trainyard-slurm-'));
  const conf = join(folder, 'slurm.conf');
  const script = (...args: readonly string[]) =>
    void execFileSync(SCRIPT, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const pidOf = (name: string) => Number(readFileSync(join(folder, 'run', `${name}.pid`), 'utf8'));

  async function kill(name: string): Promise<void> {
    const pid = pidOf(name);
    process.kill(pid, 'SIGKILL');
    await until(`${name} is dead`, () => !isAlive(pid));
  }

  const slurm = (command: string, ...args: readonly string[]) =>
    execFileSync(command, args, { env: { ...process.env, SLURM_CONF: conf }, encoding: 'utf8', stdio: 'pipe' });

  const cluster: Cluster = {
    conf,
    slurm,
    killNode: kill,
    startNode: (name) => script('node', folder, name),
    killController: () => kill('slurmctld'),
    async startController() {
      script('controller', folder);
      await until('the controller answers', () => {
        try {
          slurm('squeue', '--noheader');
          return true;
        } catch {
          return false;
        }
      });
    },
    async clear() {
      slurm('scancel', '--user', slurm('id', '-un').trim());
      slurm('scancel', '--signal=KILL', '--full', '--user', slurm('id', '-un').trim());
      for (const name of ['n1', 'n2']) {
        if (slurm('sinfo', '--noheader', `--nodes=${name}`, '--format=%T').includes('drain')) {
          slurm('scontrol', 'update', `NodeName=${name}`, 'State=RESUME');
        }
      }
      await until('the nodes are idle', () =>
        /^2\s*$/.test(slurm('sinfo', '--noheader', '--partition=main', '--states=idle', '--format=%D')),
      );
    },
    [Symbol.dispose]() {
      delete process.env['SLURM_CONF'];
      script('down', folder);
      rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    },
  };
  try {
    script('up', folder, String(await freePort()), String(await freePort()), String(await freePort()));
  } catch (error) {
    cluster[Symbol.dispose]();
    throw error;
  }
  process.env['SLURM_CONF'] = conf;
  return cluster;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
