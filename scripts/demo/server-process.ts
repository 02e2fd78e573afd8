import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { readableLogLine } from './server-log.ts';

/** A server that this process started. Dispose to end it; its jobs go on. */
export interface ServerProcess extends AsyncDisposable {
  /** For example `http://127.0.0.1:4000`. */
  readonly url: string;
  /** Aborted when the server ends; the reason is an error that says why. */
  readonly ended: AbortSignal;
}

/** The server could not start, or ended unasked. */
export class ServerEndedError extends Error {
  override readonly name = 'ServerEndedError';
}

export interface ServerProcessOptions {
  /** The repository. */
  readonly root: string;
  readonly host: string;
  readonly port: number;
  readonly environment: NodeJS.ProcessEnv;
  /** Called with each line that the server prints, once it is ready; a server that does not get that far fails with them. */
  readonly onLine: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
}

const KEPT_LINES = 20;
const POLL_MS = 50;

/**
 * Starts the server and waits until it is ready to take jobs.
 * @throws ServerEndedError with what the server said, `signal.reason` when aborted
 */
export async function startServerProcess(options: ServerProcessOptions): Promise<ServerProcess> {
  const { root, host, port, environment, onLine, signal } = options;
  signal?.throwIfAborted();
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  const child = spawn(process.execPath, [join(root, 'src', 'main.ts')], {
    env: { ...environment, TRAINYARD_HOST: host, TRAINYARD_PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
    // In a process group of its own, Ctrl-C reaches only this process, which then ends the server once and in order. A second
    // signal, the terminal's own, would tell it to hurry.
    detached: true,
  });
  const said: string[] = [];
  let last: string | undefined;
  let ready = false;
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream, crlfDelay: Infinity }).on('line', (raw) => {
      const line = readableLogLine(raw);
      // A failure that is met again every second is news only once.
      if (line === last) return;
      last = line;
      if (ready) onLine(line);
      else if (said.push(line) > KEPT_LINES) said.shift();
    });
  }
  // Whatever ends this process (a second Ctrl-C, a bug), the server must not stay behind unseen.
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const ended = new AbortController();
  child.once('error', (error) =>
    ended.abort(new ServerEndedError('The server could not be started.', { cause: error })),
  );
  child.once('close', (code, name) => {
    process.off('exit', kill);
    const how = name === null ? `with code ${code ?? 0}` : `by ${name}`;
    const words = ready || said.length === 0 ? '.' : `:\n${said.join('\n')}`;
    ended.abort(new ServerEndedError(`The server ended ${how}${words}`));
  });

  const server: ServerProcess = {
    url,
    ended: ended.signal,
    [Symbol.asyncDispose]: () => end(child, ended.signal),
  };
  try {
    await waitUntilReady(url, AbortSignal.any(signal === undefined ? [ended.signal] : [ended.signal, signal]));
    ready = true;
    for (const line of said) onLine(line);
    return server;
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
}

async function waitUntilReady(url: string, signal: AbortSignal): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    try {
      const response = await fetch(`${url}/ready`, { signal });
      await response.body?.cancel();
      if (response.ok) return;
    } catch {
      // Not listening yet, or aborted, which the next round tells.
    }
    await delay(POLL_MS);
  }
}

async function end(child: ChildProcess, ended: AbortSignal): Promise<void> {
  if (ended.aborted) return;
  const gone = once(ended, 'abort');
  child.kill('SIGTERM');
  await gone;
}
