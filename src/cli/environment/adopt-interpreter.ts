import { resolve } from 'node:path';
import { isSupported, NoPythonError, probeInterpreter } from './find-interpreter.ts';
import { inspectInterpreter } from './inspect.ts';
import { type PythonEnvironment, variablesFor } from './python-environment.ts';
import type { SetUpOptions } from './set-up.ts';

/**
 * Takes an interpreter as it is: it is asked what it has, told of what it lacks, and nothing is installed into it.
 * @throws NoPythonError when it cannot be run or is too old
 */
export async function adoptInterpreter(
  command: string,
  origin: 'SETTING' | 'SYSTEM',
  { paths, extras, output, environment = process.env, signal }: SetUpOptions,
): Promise<PythonEnvironment> {
  // Trainings start in another folder, so a relative path would miss there.
  const python = command.includes('/') ? resolve(command) : command;
  const interpreter = await probeInterpreter(python, environment);
  if (interpreter === null) {
    throw new NoPythonError(
      `TRAINYARD_PYTHON is ${JSON.stringify(python)}, which cannot be run as a Python. Correct it, or unset it to let "${paths.command}" make an environment.`,
    );
  }
  if (!isSupported(interpreter)) {
    throw new NoPythonError(
      `TRAINYARD_PYTHON is Python ${interpreter.version}, and 3.10 or newer is needed. Name another, or unset it to let "${paths.command}" make an environment.`,
    );
  }
  const inspection = await inspectInterpreter(python, {
    environment: variablesFor(python, paths, environment),
    signal,
  });
  const torch = inspection?.torch ?? null;
  const pytest = inspection?.pytest ?? false;
  if (torch === null && extras.includes('torch')) {
    const why =
      inspection?.torchProblem == null ? 'has no PyTorch' : `cannot load its PyTorch (${inspection.torchProblem})`;
    output.warn(
      `This Python ${why}: trainings are simulations, and no model is trained. "${python} -m pip install torch numpy safetensors" changes that.`,
    );
  }
  if (!pytest && extras.includes('test')) {
    output.warn(`This Python has no pytest. "${python} -m pip install pytest" adds it.`);
  }
  return { python, version: interpreter.version, origin, torch: torch !== null, pytest };
}
