/**
 * `npm run setup`: makes or repairs the Python environment. `-- --test` adds what the Python tests need.
 * Exit code 0 when there is a Python to train with (without PyTorch if need be, which it says), 1 when there is none.
 */
import { parseArgs } from 'node:util';
import { runSetUp } from '../src/cli/environment/run-set-up.ts';
import { listenForInterruption } from '../src/cli/interruption.ts';
import { createScreen } from '../src/cli/terminal/screen.ts';

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
  using interruption = listenForInterruption(() => {
    screen.clear();
    process.exit(130);
  });
  const extras = flags.test ? (['torch', 'test'] as const) : (['torch'] as const);
  return await runSetUp(extras, { screen, signal: interruption.signal });
}

process.exitCode = await main();
