import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { type RunningCommand, runCommand } from '../support/command.ts';

const TRAINYARD = fileURLToPath(new URL('../../src/trainyard.ts', import.meta.url));
export const ESCAPE = '\u001b';

/** What a command that has ended printed, and how it ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** No setting of the person who runs the tests, and no terminal's. */
export function commandEnvironment(url: string | null, more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR } = process.env;
  return {
    PATH,
    HOME,
    TMPDIR,
    TERM: 'xterm',
    LANG: 'C.UTF-8',
    ...(url === null ? {} : { TRAINYARD_URL: url }),
    ...more,
  };
}

/** Runs `trainyard ARGS` to its end, against the server at `url`. */
export async function trainyard(
  url: string | null,
  args: readonly string[],
  { environment = {}, cwd }: { environment?: NodeJS.ProcessEnv; cwd?: string } = {},
): Promise<Ended> {
  const child = spawn(process.execPath, [TRAINYARD, ...args], {
    env: commandEnvironment(url, environment),
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  return { code, stdout, stderr };
}

/** Begins `trainyard ARGS`; whatever is left of it ends with the test. `wrapper` is a program that runs it, a terminal for example. */
export function beginTrainyard(
  url: string | null,
  args: readonly string[],
  { environment = {}, wrapper = [] }: { environment?: NodeJS.ProcessEnv; wrapper?: readonly string[] } = {},
): RunningCommand {
  const [command = '', ...rest] = [...wrapper, process.execPath, TRAINYARD, ...args];
  const running = runCommand(command, rest, { environment: commandEnvironment(url, environment) });
  onTestFinished(async () => {
    running.kill('SIGKILL');
    await running.ended;
  });
  return running;
}

/** The JSON objects that a command printed, one a line. */
export function jsonLines<Value>(printed: string): Value[] {
  return printed
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Value);
}
