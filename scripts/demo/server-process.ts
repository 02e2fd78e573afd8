import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { readableLogLine } from './server-log.ts';

/** A server that this process started. Dispose to stop it; its jobs continue to run. */
export interface ServerProcess extends AsyncDisposable {
  /** For example `http://127.0.0.1:4000`. */
  readonly url: string;
  /** Aborted when the server ends; the reason is a {@link ServerEndedError}. */
  readonly ended: AbortSignal;
}

/** The server could not start, or ended unexpectedly. The message has its last output. */
export class ServerEndedError extends Error {
  override readonly name = 'ServerEndedError';
}

export interface ServerProcessOptions {
  /** The repository. */
  readonly root: string;
  readonly host: string;
  readonly port: number;
  readonly environment: NodeJS.ProcessEnv;
  /** Called with each line of output once the server is ready. If it never becomes ready, the error has these lines. */
  readonly onLine: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
}

const MAX_LINES = 20;
const POLL_MS = 50;

/**
 * Starts the server and waits until it is ready to take jobs.
 * @throws ServerEndedError with the server's output, `signal.reason` when aborted
 */
export async function startServerProcess(options: ServerProcessOptions): Promise<ServerProcess> {
  const { root, host, port, environment, onLine, signal } = options;
  signal?.throwIfAborted();
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  const child = spawn(process.execPath, [join(root, 'src', 'main.ts')], {
    env: { ...environment, TRAINYARD_HOST: host, TRAINYARD_PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
    // In a separate process group, so that Ctrl-C reaches only this process, which then stops the server once. A second signal, from the
    // terminal, would make the server exit at once.
    detached: true,
  });
  const startOutput: string[] = [];
  let last: string | undefined;
  let ready = false;
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream, crlfDelay: Infinity }).on('line', (raw) => {
      const line = readableLogLine(raw);
      // Shows a repeated message only once.
      if (line === last) return;
      last = line;
      if (ready) onLine(line);
      else if (startOutput.push(line) > MAX_LINES) startOutput.shift();
    });
  }
  // The server must not outlive this process, also after a second Ctrl-C or a bug.
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const ended = new AbortController();
  child.once('error', (error) =>
    ended.abort(new ServerEndedError('The server could not be started.', { cause: error })),
  );
  child.once('close', (code, name) => {
    process.off('exit', kill);
    const cause = name === null ? `with code ${code ?? 0}` : `by ${name}`;
    const details = ready || startOutput.length === 0 ? '.' : `:\n${startOutput.join('\n')}`;
    ended.abort(new ServerEndedError(`The server ended ${cause}${details}`));
  });

  const server: ServerProcess = {
    url,
    ended: ended.signal,
    [Symbol.asyncDispose]: () => end(child, ended.signal),
  };
  try {
    await waitUntilReady(url, AbortSignal.any(signal === undefined ? [ended.signal] : [ended.signal, signal]));
    ready = true;
    for (const line of startOutput) onLine(line);
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
      // Not listening yet, or aborted: the next iteration checks the signal.
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
