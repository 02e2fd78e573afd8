import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { PYTHON } from '../support/runner.ts';
import { freePort } from '../support/free-port.ts';
import { spawnServer } from '../support/spawn-server.ts';
import { EVIDENCE } from './processes.ts';

/** A bound against hanging: with a load average of 45 on two cores, a start took more than a minute. */
const READY_SECONDS = 180;
const OUTPUT_LENGTH = 20_000;

/** A real server that is killed and started again, always on the same home and port. */
export interface RestartableServer extends AsyncDisposable {
  readonly url: string;
  readonly home: string;
  /** Starts the process; returns before it listens. */
  start(): void;
  /** Resolves when it takes jobs. @throws when it ended on its own, or takes three minutes */
  ready(): Promise<void>;
  /** Signals the process, in any state. */
  signal(name: NodeJS.Signals): void;
  /** Sends a signal and waits until the process is gone. */
  end(name: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  /** Everything unexpected: it exited on its own, failed to start, or logged a bug. */
  readonly incidents: readonly string[];
  /** The end of its output, over all restarts. */
  output(): string;
}

/** A server on `home`, not started yet. */
export async function createRestartableServer(
  home: string,
  environment: NodeJS.ProcessEnv,
): Promise<RestartableServer> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const incidents: string[] = [];
  let output = '';
  let child: ChildProcess | undefined;
  let gone: Promise<unknown> = Promise.resolve();
  let endWanted = false;

  const server: RestartableServer = {
    url,
    home,
    incidents,
    output: () => output,
    start() {
      endWanted = false;
      const started = spawnServer(home, {
        ...EVIDENCE,
        TRAINYARD_TRAINER_ENV: 'FAULT_*',
        TRAINYARD_PYTHON: PYTHON,
        TRAINYARD_PORT: String(port),
        TRAINYARD_LOG_LEVEL: 'info',
        // Settings of the tests, which the server would refuse as unknown.
        TRAINYARD_FAULT_SEED: undefined,
        TRAINYARD_FAULT_SECONDS: undefined,
        ...environment,
      });
      child = started;
      for (const stream of [started.stdout, started.stderr]) {
        stream.on('data', (chunk: Buffer) => (output = (output + chunk.toString()).slice(-OUTPUT_LENGTH)));
      }
      gone = once(started, 'close').then(([code, name]) => {
        if (endWanted && (name !== null || code === 0)) return;
        incidents.push(`the server ended with ${String(name ?? code)} and printed: ${output.slice(-2000)}`);
      });
    },
    async ready() {
      const end = performance.now() + READY_SECONDS * 1000;
      for (;;) {
        if (isGone(child)) throw new Error(`the server ended and printed: ${output.slice(-2000)}`);
        const response = await fetch(`${url}/ready`, { signal: AbortSignal.timeout(5000) }).catch(() => null);
        await response?.body?.cancel();
        if (response?.ok) return;
        if (performance.now() > end)
          throw new Error(`the server was not ready in ${READY_SECONDS} s: ${output.slice(-2000)}`);
        await delay(20);
      }
    },
    signal(name) {
      child?.kill(name);
    },
    async end(name) {
      // If it has already exited on its own, that remains an incident.
      endWanted ||= !isGone(child);
      child?.kill(name);
      await gone;
    },
    async [Symbol.asyncDispose]() {
      await server.end('SIGKILL');
    },
  };
  return server;
}

const isGone = (child: ChildProcess | undefined) =>
  child === undefined || child.exitCode !== null || child.signalCode !== null;
