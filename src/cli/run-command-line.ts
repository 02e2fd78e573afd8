import { styleText } from 'node:util';
import { type Command, CommanderError } from 'commander';
import { ApiError, AuthenticationError, UnreachableError } from './api/errors.ts';
import { withCommandName } from './command-name.ts';
import type { Run } from './commands/command.ts';
import type { StartServer } from './commands/serve.ts';
import { addCompletion } from './completion/completion.ts';
import { NoPythonError } from './environment/find-interpreter.ts';
import { EXIT } from './exit-code.ts';
import { Interrupted, listenForInterruption } from './interruption.ts';
import { createProgram } from './program.ts';
import { createScreen } from './terminal/screen.ts';
import { wrapText } from './terminal/text-width.ts';
import { UsageError } from './usage-error.ts';

/**
 * Runs the `trainyard` command. docs/cli.md documents its commands and exit codes.
 * @param args without the names of Node and of the program
 * @returns the exit code
 */
export async function runCommandLine(
  args: readonly string[],
  { startServer }: { startServer: StartServer },
): Promise<number> {
  // A reader that closes the pipe (`| head`) ends the command successfully.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(EXIT.SUCCESS);
  });
  let exitCode: number = EXIT.SUCCESS;
  const run: Run =
    (action) =>
    async (...parameters) => {
      using screen = createScreen();
      using interruption = listenForInterruption(() => {
        screen.clear();
        process.exit(130);
      });
      // commander passes the arguments, the command's flags, and the command, which has the global flags.
      const command = parameters.at(-1) as { optsWithGlobals(): never };
      const context = { screen, signal: interruption.signal, environment: process.env };
      exitCode = await action(context, command.optsWithGlobals(), ...(parameters.slice(0, -2) as never));
    };
  const program = createProgram(run, startServer);
  try {
    await addCompletion(program, args, process.env);
    if (args.length === 0) program.outputHelp();
    else await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    return report(error, pathOf(program, args));
  }
}

/** The name of the command that the arguments call, with those of its parents: `trainyard queue move`. */
function pathOf(program: Command, args: readonly string[]): string {
  let command = program;
  const names = [program.name()];
  for (const arg of args) {
    const called = command.commands.find((each) => each.name() === arg || each.aliases().includes(arg));
    if (called === undefined) continue;
    command = called;
    names.push(called.name());
  }
  return names.join(' ');
}

/** Prints the error, and which help page may help. Returns its exit code. @param command the command with its parents */
function report(error: unknown, command: string): number {
  const help = `See \`${command} --help\`.`;
  if (error instanceof Interrupted) return error.exitCode;
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return EXIT.SUCCESS;
    // commander has printed the error already.
    printError(help);
    return EXIT.USAGE;
  }
  if (error instanceof UsageError) {
    printError(`${error.message}\n${help}`);
    return EXIT.USAGE;
  }
  if (!(error instanceof ApiError) && !(error instanceof NoPythonError)) throw error;
  const isDataset = error instanceof ApiError && error.kind === 'DatasetNotFoundError';
  printError(isDataset ? `${error.message} \`trainyard datasets\` lists all datasets.` : error.message);
  if (error instanceof UnreachableError) return EXIT.UNREACHABLE;
  if (error instanceof AuthenticationError) return EXIT.UNAUTHENTICATED;
  const isInput =
    error instanceof ApiError && /^((InvalidInput|DatasetNotFound)Error|BAD_USER_INPUT)$/.test(error.kind ?? '');
  return isInput ? EXIT.USAGE : EXIT.FAILED;
}

/** Prints an error. A terminal breaks it between words. */
function printError(message: string): void {
  const { isTTY, columns } = process.stderr;
  const sentence = withCommandName(message, process.env);
  const lines = sentence.split('\n').flatMap((line) => (isTTY ? wrapText(line, (columns || 80) - 1) : [line]));
  console.error(styleText('red', lines.join('\n'), { stream: process.stderr }));
}
