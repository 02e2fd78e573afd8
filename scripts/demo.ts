/**
 * `npm run demo`: sets up Python, starts a server, trains a model through its API, and shows the training live.
 * Exit code 0 for success, 1 when the training or the server failed, 2 for an invalid command line.
 */
import { ApiError } from '../src/cli/api/errors.ts';
import { NoPythonError } from '../src/cli/environment/find-interpreter.ts';
import { Interrupted, listenForInterruption } from '../src/cli/interruption.ts';
import { createScreen, type Screen } from '../src/cli/terminal/screen.ts';
import { UsageError } from '../src/cli/usage-error.ts';
import { DEMO_HELP, type DemoFlags, parseDemoFlags } from './demo/flags.ts';
import { runDemo } from './demo/run-demo.ts';
import { ServerEndedError } from './demo/server-process.ts';

async function main(): Promise<number> {
  using screen = createScreen();
  let flags: DemoFlags;
  try {
    flags = parseDemoFlags(process.argv.slice(2));
  } catch (error) {
    return report(error, screen);
  }
  if (flags.help) {
    screen.print(DEMO_HELP);
    return 0;
  }
  using interruption = listenForInterruption(() => {
    screen.clear();
    process.exit(130);
  });
  try {
    return await runDemo(flags, screen, interruption.signal);
  } catch (error) {
    return report(error, screen);
  }
}

/** Prints the error. Returns its exit code. */
function report(error: unknown, screen: Screen): number {
  screen.clear();
  if (error instanceof Interrupted) return error.exitCode;
  if (error instanceof UsageError) {
    console.error(`${error.message} See "npm run demo -- --help".`);
    return 2;
  }
  if (error instanceof ApiError || error instanceof ServerEndedError || error instanceof NoPythonError) {
    console.error(screen.style('red', error.message));
    return error instanceof ApiError && /^(InvalidInput|DatasetNotFound)Error$/.test(error.kind ?? '') ? 2 : 1;
  }
  throw error;
}

process.exitCode = await main();
