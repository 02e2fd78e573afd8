/**
 * `npm test` runs all tests: TypeScript, then Python, also when the first fail. `npm run test:ts` and `npm run test:python` run one of them
 * and pass arguments on to vitest or pytest.
 * Exit code 0 when all tests that ran passed. With CI set it also requires that no tests were skipped.
 */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { NoPythonError } from '../src/cli/environment/find-interpreter.ts';
import { pythonPaths } from '../src/cli/environment/paths.ts';
import {
  describeEnvironment,
  type PythonEnvironment,
  variablesFor,
} from '../src/cli/environment/python-environment.ts';
import { setUp } from '../src/cli/environment/set-up.ts';
import { createSetUpOutput } from '../src/cli/environment/set-up-output.ts';
import { Interrupted, listenForInterruption } from '../src/cli/interruption.ts';
import { createScreen } from '../src/cli/terminal/screen.ts';
import { pytestArguments } from './pytest-arguments.ts';
import { runInForeground } from './run-in-foreground.ts';

const paths = pythonPaths();

/** The Python for the tests; null, after a warning, when there is none. */
async function preparePython(): Promise<PythonEnvironment | null> {
  using screen = createScreen();
  using output = createSetUpOutput(screen);
  using interruption = listenForInterruption(() => {
    screen.clear();
    process.exit(130);
  });
  try {
    const python = await setUp({ paths, extras: ['torch', 'test'], output, signal: interruption.signal });
    output.info(describeEnvironment(python));
    return python;
  } catch (error) {
    if (!(error instanceof NoPythonError)) throw error;
    output.warn(error.message);
    return null;
  }
}

function testTypeScript(python: PythonEnvironment | null, args: readonly string[]): Promise<number> {
  const vitest = join(paths.root, 'node_modules', 'vitest', 'vitest.mjs');
  return runInForeground(process.execPath, [vitest, 'run', ...args], {
    cwd: paths.root,
    environment: python === null ? process.env : { ...process.env, TRAINYARD_PYTHON: python.python },
  });
}

function testPython(python: PythonEnvironment, args: readonly string[]): Promise<number> {
  return runInForeground(python.python, ['-m', 'pytest', ...pytestArguments(python, args, availableParallelism())], {
    cwd: paths.root,
    environment: variablesFor(python.python, paths),
  });
}

async function main([only, ...args]: readonly string[]): Promise<number> {
  if (only !== undefined && only !== 'ts' && only !== 'python') {
    console.error(
      '"npm test" takes no arguments. Use "npm run test:ts -- FILE" or "npm run test:python -- FILE" to run some of the tests.',
    );
    return 2;
  }
  const python = await preparePython();
  const codes: number[] = [];
  const skipped: string[] = [];

  if (only !== 'python') codes.push(await testTypeScript(python, args));
  if (only !== 'ts') {
    if (python?.pytest === true) codes.push(await testPython(python, args));
    else skipped.push(`The Python tests were skipped: there is no ${python === null ? 'Python' : 'pytest'}.`);
  }
  if (python === null && only !== 'python') skipped.push('The tests that train were skipped: there is no Python.');
  else if (python?.torch === false) skipped.push('The tests that need PyTorch were skipped: it is not installed.');

  for (const message of skipped) console.error(message);
  // On a developer's machine, some tests are better than none. A CI run must not silently skip tests.
  if (skipped.length > 0 && process.env['CI']) return 1;
  return codes.find((code) => code !== 0) ?? 0;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof Interrupted)) throw error;
  process.exitCode = error.exitCode;
}
