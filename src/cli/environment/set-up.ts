import { adoptInterpreter } from './adopt-interpreter.ts';
import { findInterpreter } from './find-interpreter.ts';
import { installPackage } from './install-package.ts';
import { acquireLock } from './lock.ts';
import { makeVirtualEnvironment } from './make-virtual-environment.ts';
import type { PythonPaths } from './paths.ts';
import type { PythonEnvironment } from './python-environment.ts';
import type { SetUpOptions } from './set-up-options.ts';
import { readValidStamp, type Stamp } from './stamp.ts';

/**
 * Ensures that there is a Python to train with, and returns it. Takes a few milliseconds when the environment is complete.
 * Concurrent set-ups wait for each other. Warns about parts that cannot be installed and continues without them: without PyTorch
 * trainings are simulations, and without a virtual environment the system's Python is used unchanged.
 * @throws NoPythonError, `signal.reason`
 */
export async function setUp(options: SetUpOptions): Promise<PythonEnvironment> {
  const { paths, extras, output, environment = process.env, signal } = options;
  const setting = environment['TRAINYARD_PYTHON'];
  if (setting) return adoptInterpreter(setting, 'SETTING', { paths, extras, output, environment, signal });

  const complete = () => {
    const stamp = readValidStamp(paths);
    return stamp !== null && extras.every((extra) => stamp.extras.includes(extra)) ? describe(stamp, paths) : null;
  };
  const ready = complete();
  if (ready !== null) return ready;

  using held = new DisposableStack();
  held.use(
    await acquireLock(paths.lock, {
      onWait: () => output.info('Another set-up is running in this folder; waiting for it.'),
      signal,
    }),
  );
  // The other set-up has most likely completed the environment.
  const readyMeanwhile = complete();
  if (readyMeanwhile !== null) return readyMeanwhile;

  const interpreter = await findInterpreter(environment);
  const isCreated = await makeVirtualEnvironment(paths, interpreter, { output, environment, signal });
  if (!isCreated)
    return await adoptInterpreter(interpreter.path, 'SYSTEM', { paths, extras, output, environment, signal });
  return describe(await installPackage(paths, extras, { output, environment, signal }), paths);
}

function describe(stamp: Stamp, paths: PythonPaths): PythonEnvironment {
  return {
    python: paths.interpreter,
    version: stamp.pythonVersion,
    origin: 'VENV',
    torch: stamp.extras.includes('torch'),
    pytest: stamp.extras.includes('test'),
    xdist: stamp.extras.includes('test'),
  };
}
