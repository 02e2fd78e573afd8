import { adoptInterpreter } from './adopt-interpreter.ts';
import { findInterpreter } from './find-interpreter.ts';
import { installPackage } from './install-package.ts';
import { acquireLock } from './lock.ts';
import { makeVirtualEnvironment } from './make-virtual-environment.ts';
import type { PythonPaths } from './paths.ts';
import type { PipActivity } from './pip.ts';
import type { PythonEnvironment } from './python-environment.ts';
import { type Extra, readValidStamp, type Stamp } from './stamp.ts';

/** Where a set-up tells what it does. */
export interface SetUpOutput {
  say(sentence: string): void;
  /** Something is missing and the work goes on without it. */
  warn(sentence: string): void;
  activity(activity: PipActivity): void;
}

export interface SetUpOptions {
  readonly paths: PythonPaths;
  readonly extras: readonly Extra[];
  readonly output: SetUpOutput;
  readonly environment?: NodeJS.ProcessEnv;
  /** Aborting stops pip, lets go of the lock and rejects; the next set-up goes on from there. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Sees to it that there is a Python to train with, and returns it. Does nothing, in a few milliseconds, when all is there.
 * Several set-ups at once wait for each other. What cannot be installed is told of and left out: without PyTorch
 * trainings are simulations, without a virtual environment the system's Python is used as it is.
 * @throws NoPythonError, `signal.reason`
 */
export async function setUp(options: SetUpOptions): Promise<PythonEnvironment> {
  const { paths, extras, output, environment = process.env, signal } = options;
  const named = environment['TRAINYARD_PYTHON'];
  if (named) return adoptInterpreter(named, 'SETTING', { paths, extras, output, environment, signal });

  const complete = () => {
    const stamp = readValidStamp(paths);
    return stamp !== null && extras.every((extra) => stamp.extras.includes(extra)) ? describe(stamp, paths) : null;
  };
  const ready = complete();
  if (ready !== null) return ready;

  using held = new DisposableStack();
  held.use(
    await acquireLock(paths.lock, {
      onWait: () => output.say('Another set-up is under way in this folder; waiting for it.'),
      signal,
    }),
  );
  // The one we waited for has most likely done our work.
  const readyMeanwhile = complete();
  if (readyMeanwhile !== null) return readyMeanwhile;

  const interpreter = await findInterpreter(environment);
  const made = await makeVirtualEnvironment(paths, interpreter, { output, environment, signal });
  if (!made) return await adoptInterpreter(interpreter.path, 'SYSTEM', { paths, extras, output, environment, signal });
  return describe(await installPackage(paths, extras, { output, environment, signal }), paths);
}

function describe(stamp: Stamp, paths: PythonPaths): PythonEnvironment {
  return {
    python: paths.interpreter,
    version: stamp.pythonVersion,
    origin: 'VENV',
    torch: stamp.extras.includes('torch'),
    pytest: stamp.extras.includes('test'),
  };
}
