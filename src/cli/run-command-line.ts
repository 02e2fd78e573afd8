import { styleText } from 'node:util';
import { CommanderError } from 'commander';
import { ApiError, AuthenticationError, UnreachableError } from './api/errors.ts';
import type { Run } from './commands/command.ts';
import type { StartServer } from './commands/serve.ts';
import { addCompletion } from './completion/completion.ts';
import { NoPythonError } from './environment/find-interpreter.ts';
import { EXIT } from './exit-code.ts';
import { Interrupted, listenForInterruption } from './interruption.ts';
import { createProgram } from './program.ts';
import { createScreen } from './terminal/screen.ts';
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
    return report(error, args);
  }
}

/** Prints the error. Returns its exit code. */
function report(error: unknown, args: readonly string[]): number {
  if (error instanceof Interrupted) return error.exitCode;
  // commander has printed it already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.SUCCESS : EXIT.USAGE;
  if (error instanceof UsageError) {
    const command = args.find((arg) => /^[a-z]/.test(arg)) ?? '';
    printError(`${error.message}\nSee \`trainyard ${command} --help\`.`);
    return EXIT.USAGE;
  }
  if (!(error instanceof ApiError) && !(error instanceof NoPythonError)) throw error;
  printError(error.message);
  if (error instanceof UnreachableError) return EXIT.UNREACHABLE;
  if (error instanceof AuthenticationError) return EXIT.UNAUTHENTICATED;
  const isInput =
    error instanceof ApiError && /^((InvalidInput|DatasetNotFound)Error|BAD_USER_INPUT)$/.test(error.kind ?? '');
  return isInput ? EXIT.USAGE : EXIT.FAILED;
}

function printError(message: string): void {
  console.error(styleText('red', message, { stream: process.stderr }));
}
