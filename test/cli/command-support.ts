import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { type RunningCommand, runCommand } from '../support/command.ts';

const TRAINYARD = fileURLToPath(new URL('../../src/cli/trainyard.ts', import.meta.url));
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
export function trainyard(
  url: string | null,
  args: readonly string[],
  { environment = {}, cwd }: { environment?: NodeJS.ProcessEnv; cwd?: string } = {},
): Ended {
  const { status, stdout, stderr } = spawnSync(process.execPath, [TRAINYARD, ...args], {
    env: commandEnvironment(url, environment),
    cwd,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  return { code: status, stdout, stderr };
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
export function jsonLines<Value>(text: string): Value[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Value);
}
