/**
 * `npm run setup`: makes or repairs the Python environment. `-- --test` adds what the Python tests need.
 * Exit code 0 when there is a Python to train with (without PyTorch if need be, which it says), 1 when there is none.
 */
import { parseArgs } from 'node:util';
import { NoPythonError } from './environment/find-interpreter.ts';
import { pythonPaths } from './environment/paths.ts';
import { describeEnvironment } from './environment/python-environment.ts';
import { setUp } from './environment/set-up.ts';
import { showSetUp } from './environment/show-set-up.ts';
import { Interrupted, listenForInterruption } from './interruption.ts';
import { createScreen } from './terminal/screen.ts';

const HELP = `Makes the Python environment that trainings run in (.venv), or repairs it.

  npm run setup              with PyTorch
  npm run setup -- --test    and with what the Python tests need

TRAINYARD_PYTHON=/path/to/python uses an environment of your own, as it is; nothing is installed into it.`;

async function main(): Promise<number> {
  let flags: { test: boolean; help: boolean };
  try {
    flags = parseArgs({
      options: { test: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h', default: false } },
    }).values;
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${HELP}`);
    return 2;
  }
  if (flags.help) {
    console.log(HELP);
    return 0;
  }
  using screen = createScreen();
  using output = showSetUp(screen);
  using interruption = listenForInterruption(() => {
    screen.clear();
    process.exit(130);
  });
  try {
    const extras = flags.test ? (['torch', 'test'] as const) : (['torch'] as const);
    const environment = await setUp({ paths: pythonPaths(), extras, output, signal: interruption.signal });
    output.say(describeEnvironment(environment));
    return 0;
  } catch (error) {
    if (error instanceof Interrupted) {
      output.say('Interrupted. "npm run setup" goes on from here.');
      return error.exitCode;
    }
    if (!(error instanceof NoPythonError)) throw error;
    output.warn(error.message);
    return 1;
  }
}

process.exitCode = await main();
