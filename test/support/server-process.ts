import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { killProcessesOf } from './processes-of-home.ts';
import { PYTHON } from './runner.ts';
import { spawnServer } from './spawn-server.ts';
import { until } from './until.ts';

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
  const child = spawnServer(home, {
    TRAINYARD_PYTHON: PYTHON,
    TRAINYARD_PORT: String(chosen),
    TRAINYARD_LOG_LEVEL: 'info',
    TRAINYARD_SIMULATION_STEP_SECONDS: '0.005',
    // Tests of whole histories must not depend on how long they take.
    TRAINYARD_SYSTEM_METRICS_SECONDS: '0',
    ...environment,
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

/** Ends the remaining processes of the jobs of `home`: they are detached, so they outlive the server. A server of `home` ends too. */
export async function endJobs(home: string): Promise<void> {
  // Each time: a process that is just starting may start another one.
  await until('the processes of the jobs are gone', () => killProcessesOf(home) === 0);
}
