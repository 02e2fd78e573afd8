import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PYTHON } from './runner.ts';
import { until } from './until.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** A real server in its own process. Disposing it ends the server and every process of a job in its home. */
export interface TestServer extends AsyncDisposable {
  readonly home: string;
  /** For example `http://127.0.0.1:41003`. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Everything it printed so far. */
  output(): string;
  /** Sends a signal. */
  signal(signal: 'SIGHUP'): void;
  /** Sends a signal and waits until the process is gone. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

export interface TestServerOptions {
  /** Default: a new empty folder, removed at the end. */
  readonly home?: string;
  /** Default: a free one. */
  readonly port?: number;
  readonly environment?: NodeJS.ProcessEnv;
}

/** Starts a server and waits until it takes jobs. Simulated steps take 5 ms unless the environment says otherwise. */
export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const { port, environment = {} } = options;
  const home = options.home ?? mkdtempSync(join(tmpdir(), 'trainyard-'));
  const chosen = port ?? (await freePort());
  const url = `http://127.0.0.1:${chosen}`;
  const child = spawn(process.execPath, [MAIN], {
    cwd: home,
    env: {
      ...process.env,
      TRAINYARD_HOME: home,
      TRAINYARD_PYTHON: PYTHON,
      TRAINYARD_PORT: String(chosen),
      TRAINYARD_LOG_LEVEL: 'info',
      TRAINYARD_SIMULATION_STEP_SECONDS: '0.005',
      // Tests of whole histories must not depend on how long they take.
      TRAINYARD_SYSTEM_METRICS_SECONDS: '0',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const gone = once(child, 'close');
  const isGone = () => child.exitCode !== null || child.signalCode !== null;

  const server: TestServer = {
    home,
    url,
    port: chosen,
    pid: child.pid ?? 0,
    output: () => output,
    signal: (signal) => void child.kill(signal),
    async end(signal) {
      if (!isGone()) child.kill(signal);
      await gone;
    },
    async [Symbol.asyncDispose]() {
      await server.end('SIGTERM');
      await endJobs(home);
      // Retries: a supervisor that is just ending may still write into it.
      if (options.home === undefined) rmSync(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
    },
  };
  try {
    await until('the server is ready', async () => {
      if (isGone()) throw new Error('the server ended');
      const response = await fetch(`${url}/ready`).catch(() => null);
      await response?.body?.cancel();
      return response?.ok;
    });
    return server;
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw new Error(`The server did not start. Output: ${output}`, { cause: error });
  }
}

/** A port of 127.0.0.1 that nothing listens on. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Ends the remaining processes of the jobs of `home`: they are detached, so they outlive the server. */
export async function endJobs(home: string): Promise<void> {
  await until('the processes of the jobs are gone', () => {
    // Each time: a process that is just starting is not in its status file yet.
    const left = pidsOfJobs(home).filter((pid) => belongsTo(pid, home));
    for (const pid of left) kill(pid);
    return left.length === 0;
  });
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has just ended.
  }
}

interface StatusFile {
  readonly process: { readonly pid: number } | null;
  readonly supervisor: { readonly pid: number } | null;
}

function pidsOfJobs(home: string): number[] {
  const folder = join(home, 'artifacts', 'jobs');
  return readFolder(folder).flatMap((name) => {
    const status = JSON.parse(readFileSync(join(folder, name), 'utf8')) as StatusFile;
    return [status.process?.pid, status.supervisor?.pid].filter((pid) => pid !== undefined);
  });
}

function readFolder(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith('.json'));
  } catch {
    return [];
  }
}

/** Pids are reused: only a process with this home on its command line or in its environment is one of its jobs. */
function belongsTo(pid: number, home: string): boolean {
  try {
    // A script under test may replace the command line, but it inherits the environment of its supervisor.
    const [command = [], environment = []] = ['cmdline', 'environ'].map((file) =>
      readFileSync(`/proc/${pid}/${file}`, 'utf8').split('\0'),
    );
    return command.includes(home) || environment.includes(`TRAINYARD_HOME=${home}`);
  } catch {
    return false;
  }
}
