import { styleText } from 'node:util';
import { CommanderError } from 'commander';
import { ApiError, NotAllowedError, UnreachableError } from './api/errors.ts';
import type { Run } from './commands/command.ts';
import type { StartServer } from './commands/serve.ts';
import { addCompletion } from './completion.ts';
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
  // A reader that has enough (`| head`) ends the command, not with a failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(EXIT.FINE);
  });
  let exitCode: number = EXIT.FINE;
  const run: Run =
    (action) =>
    async (...given) => {
      using screen = createScreen();
      using interruption = listenForInterruption(() => {
        screen.clear();
        process.exit(130);
      });
      // commander gives the arguments, the command's own flags, and the command, which knows the common ones.
      const command = given.at(-1) as { optsWithGlobals(): never };
      const context = { screen, signal: interruption.signal, environment: process.env };
      exitCode = await action(context, command.optsWithGlobals(), ...(given.slice(0, -2) as never));
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

/** Says what went wrong, and gives the exit code for it. */
function report(error: unknown, args: readonly string[]): number {
  if (error instanceof Interrupted) return error.exitCode;
  // commander has said it already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.FINE : EXIT.WRONG_USE;
  if (error instanceof UsageError) {
    const command = args.find((arg) => /^[a-z]/.test(arg)) ?? '';
    complain(`${error.message}\nSee \`trainyard ${command} --help\`.`);
    return EXIT.WRONG_USE;
  }
  if (!(error instanceof ApiError) && !(error instanceof NoPythonError)) throw error;
  complain(error.message);
  if (error instanceof UnreachableError) return EXIT.UNREACHABLE;
  if (error instanceof NotAllowedError) return EXIT.NOT_ALLOWED;
  const isInput = error instanceof ApiError && /^(InvalidInput|DatasetNotFound)Error$/.test(error.kind ?? '');
  return isInput ? EXIT.WRONG_USE : EXIT.FAILED;
}

function complain(sentences: string): void {
  console.error(styleText('red', sentences, { stream: process.stderr }));
}
