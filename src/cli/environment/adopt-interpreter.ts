import { resolve } from 'node:path';
import { isSupported, NoPythonError, probeInterpreter } from './find-interpreter.ts';
import { inspectInterpreter } from './inspect.ts';
import { type PythonEnvironment, variablesFor } from './python-environment.ts';
import type { SetUpOptions } from './set-up-options.ts';

/**
 * Uses an interpreter unchanged: inspects it, warns about missing packages, and installs nothing.
 * @throws NoPythonError when it cannot be run or is too old
 */
export async function adoptInterpreter(
  command: string,
  origin: 'SETTING' | 'SYSTEM',
  { paths, extras, output, environment = process.env, signal }: SetUpOptions,
): Promise<PythonEnvironment> {
  // Absolute, since trainings start in another folder.
  const python = command.includes('/') ? resolve(command) : command;
  const interpreter = await probeInterpreter(python, environment);
  if (interpreter === null) {
    throw new NoPythonError(
      `TRAINYARD_PYTHON is ${JSON.stringify(python)}, which is not a working Python. Correct it, or unset it to let "${paths.command}" create an environment.`,
    );
  }
  if (!isSupported(interpreter)) {
    throw new NoPythonError(
      `TRAINYARD_PYTHON is Python ${interpreter.version}, but Trainyard needs 3.10 or newer. Set another one, or unset it to let "${paths.command}" create an environment.`,
    );
  }
  const inspection = await inspectInterpreter(python, {
    environment: variablesFor(python, paths, environment),
    signal,
  });
  const torch = inspection?.torch ?? null;
  const pytest = inspection?.pytest ?? false;
  if (torch === null && extras.includes('torch')) {
    const problem =
      inspection?.torchProblem == null ? 'has no PyTorch' : `cannot load its PyTorch (${inspection.torchProblem})`;
    output.warn(
      `This Python ${problem}: trainings are simulations without a model. Run "${python} -m pip install torch numpy safetensors polars" to install it.`,
    );
  }
  if (!pytest && extras.includes('test')) {
    output.warn(`This Python has no pytest. Run "${python} -m pip install pytest" to install it.`);
  }
  return {
    python,
    version: interpreter.version,
    origin,
    torch: torch !== null,
    pytest,
    xdist: inspection?.xdist ?? false,
  };
}
