import type { Command } from 'commander';
import type { CommandContext, CommonFlags } from './context.ts';

/**
 * The implementation of a command. It gets the flags, then the arguments.
 * @returns the exit code
 */
export type Action<Flags extends CommonFlags, Args extends readonly unknown[] = []> = (
  context: CommandContext,
  flags: Flags,
  ...args: Args
) => Promise<number>;

/** Wraps an action as a commander handler. The exit code of the action becomes that of the process. */
export type Run = <Flags extends CommonFlags, Args extends readonly unknown[]>(
  action: Action<Flags, Args>,
) => (...args: readonly unknown[]) => Promise<void>;

/** Adds a command to the program. */
export type AddCommand = (program: Command, run: Run) => void;

/** Formats the examples at the end of a help page: a command and its meaning on each line. */
export function examples(...lines: readonly (readonly [command: string, meaning: string])[]): string {
  const width = Math.max(...lines.map(([command]) => command.length));
  return ['', 'Examples:', ...lines.map(([command, meaning]) => `  ${command.padEnd(width)}  ${meaning}`)].join('\n');
}

/** Parser for flags that may be repeated, and that take several values separated by commas. */
export function collect(text: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, ...text.split(',').flatMap((part) => part.trim() || [])];
}
