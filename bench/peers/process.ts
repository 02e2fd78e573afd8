import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { until } from '../../test/support/until.ts';
import { programOf } from './environment.ts';

/** Time for the answer to a signal, ms. */
const GRACE_MS = 5_000;
const READY_SECONDS = 120;

/**
 * Starts a program of the Python environment with the peers, and waits until it answers. Disposing ends it.
 * @param url answers with any status once it is ready
 */
export async function startPeer(
  name: string,
  parameters: readonly string[],
  environment: NodeJS.ProcessEnv,
  url: string,
): Promise<AsyncDisposable> {
  const child = spawn(programOf(name), parameters, {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => (output = (output + chunk.toString()).slice(-4000)));
  }
  const gone = once(child, 'exit');
  const isGone = () => child.exitCode !== null || child.signalCode !== null;
  const end = async () => {
    if (isGone()) return;
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
    await gone;
    clearTimeout(timer);
  };
  try {
    await until(
      `${name} answers`,
      async () => {
        if (isGone()) throw new Error(`${name} ended`);
        const response = await fetch(url).catch(() => null);
        await response?.body?.cancel();
        return response !== null;
      },
      READY_SECONDS,
    );
  } catch (error) {
    await end();
    throw new Error(`${name} did not start. Its output: ${output}`, { cause: error });
  }
  return { [Symbol.asyncDispose]: end };
}
