import type { Command } from 'commander';
import type { CommandContext, CommonFlags } from './context.ts';

/**
 * What a command does, given its flags and then its arguments.
 * @returns the exit code
 */
export type Action<Flags extends CommonFlags, Args extends readonly unknown[] = []> = (
  context: CommandContext,
  flags: Flags,
  ...args: Args
) => Promise<number>;

/** Makes an action one that commander calls; its exit code becomes that of the process. */
export type Run = <Flags extends CommonFlags, Args extends readonly unknown[]>(
  action: Action<Flags, Args>,
) => (...args: readonly unknown[]) => Promise<void>;

/** Adds a command to the program. */
export type AddCommand = (program: Command, run: Run) => void;

/** The examples at the end of a command's help: what to type, and what it does. */
export function examples(...lines: readonly (readonly [command: string, meaning: string])[]): string {
  const width = Math.max(...lines.map(([command]) => command.length));
  return ['', 'Examples:', ...lines.map(([command, meaning]) => `  ${command.padEnd(width)}  ${meaning}`)].join('\n');
}

/** For flags that may be given several times, and with several values at once between commas. */
export function collect(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, ...text.split(',').flatMap((part) => part.trim() || [])];
}
