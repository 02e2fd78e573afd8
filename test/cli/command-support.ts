import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { type RunningCommand, runCommand } from '../support/command.ts';

const TRAINYARD = fileURLToPath(new URL('../../src/trainyard.ts', import.meta.url));
export const ESCAPE = '\u001b';

/** Output and exit code of a command that has ended. */
export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** An environment without the settings of the developer or of the terminal. */
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

/** Runs `trainyard ARGS` until it exits, against the server at `url`. */
export async function trainyard(
  url: string | null,
  args: readonly string[],
  { environment = {}, cwd }: { environment?: NodeJS.ProcessEnv; cwd?: string } = {},
): Promise<CommandResult> {
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

/** Starts `trainyard ARGS`; kills it at the end of the test. @param wrapper a command that runs it, for example in a terminal */
export function startTrainyard(
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

/** Parses the JSON objects in the output of a command, one on each line. */
export function jsonLines<Value>(output: string): Value[] {
  return output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Value);
}
