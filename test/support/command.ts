import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { until } from './until.ts';

/** A program under test, with what it printed so far. */
export interface RunningCommand {
  readonly pid: number;
  /** Standard output and standard error, in the order they came. */
  output(): string;
  /** Waits until the output matches. */
  says(pattern: RegExp): Promise<RegExpExecArray>;
  kill(signal: NodeJS.Signals): void;
  /** Its exit code; null when a signal ended it. */
  readonly ended: Promise<number | null>;
}

/** Starts a program without a terminal. */
export function runCommand(
  command: string,
  args: readonly string[],
  { cwd, environment }: { cwd?: string; environment?: NodeJS.ProcessEnv } = {},
): RunningCommand {
  const child = spawn(command, args, { cwd, env: environment ?? process.env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = once(child, 'close').then(([code]) => code as number | null);
  let over = false;
  void ended.then(() => (over = true));
  return {
    pid: child.pid ?? 0,
    output: () => output,
    says: (pattern) =>
      until(`it has printed ${String(pattern)}`, () => {
        const match = pattern.exec(output);
        if (match === null && over)
          throw new Error(`The program ended without printing ${String(pattern)}. Output:\n${output}`);
        return match;
      }),
    kill: (signal) => void child.kill(signal),
    ended,
  };
}
