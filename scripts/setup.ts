/**
 * `npm run setup`: creates or repairs the Python environment. `-- --test` adds the tools for the Python tests, `--integrations` the
 * libraries for the tests of their integrations.
 * Exit code 0 when there is a Python to train with (possibly without PyTorch, with a warning), 1 when there is none.
 */
import { parseArgs } from 'node:util';
import { runSetUp } from '../src/cli/environment/run-set-up.ts';
import type { Extra } from '../src/cli/environment/stamp.ts';
import { listenForInterruption } from '../src/cli/interruption.ts';
import { createScreen } from '../src/cli/terminal/screen.ts';

const HELP = `Creates or repairs the Python environment for trainings (.venv).

  npm run setup              with PyTorch
  npm run setup -- --test    with PyTorch and the tools for the Python tests
  npm run setup -- --test --integrations
                             and with Transformers, Lightning, Keras, XGBoost and others (200 MB), for the tests of
                             their integrations

TRAINYARD_PYTHON=/path/to/python uses your own environment unchanged: nothing is installed into it.`;

async function main(): Promise<number> {
  let flags: { test: boolean; integrations: boolean; help: boolean };
  try {
    flags = parseArgs({
      options: {
        test: { type: 'boolean', default: false },
        integrations: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
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
  const extras: readonly Extra[] = [
    'torch',
    ...(flags.test ? (['test'] as const) : []),
    ...(flags.integrations ? (['integrations'] as const) : []),
  ];
  return await runSetUp(extras, { screen, signal: interruption.signal });
}

process.exitCode = await main();
