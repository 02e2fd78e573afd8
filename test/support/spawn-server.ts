import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const END_WITH_TEST = new URL('end-with-test.ts', import.meta.url).href;

/**
 * Starts the server program. It ends with this process at the latest, together with all processes of its jobs.
 * @param home its folder, and its home unless the environment names another
 * @param environment what to add to the environment of this process
 */
export function spawnServer(
  home: string,
  environment: NodeJS.ProcessEnv = {},
): ChildProcessByStdio<Writable, Readable, Readable> {
  return spawn(process.execPath, ['--import', END_WITH_TEST, MAIN], {
    cwd: home,
    env: { ...process.env, TRAINYARD_HOME: home, ...environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}
