import type { PythonPaths } from './paths.ts';

/** The Python for trainings, as a set-up found or created it. */
export interface PythonEnvironment {
  /** The interpreter to run. */
  readonly python: string;
  /** For example `3.12.1`. */
  readonly version: string;
  /** `SETTING`: set by TRAINYARD_PYTHON; `VENV`: our virtual environment; `SYSTEM`: found on the PATH, without a virtual environment. */
  readonly origin: 'SETTING' | 'VENV' | 'SYSTEM';
  /** Whether PyTorch can be imported. Without it trainings are simulations. */
  readonly torch: boolean;
  readonly pytest: boolean;
  /** Whether pytest can run tests in several processes, with pytest-xdist. */
  readonly xdist: boolean;
}

/**
 * Environment variables for a process that uses `python`: they select the interpreter for the server, and make the package importable even
 * when it could not be installed.
 */
export function variablesFor(
  python: string,
  paths: PythonPaths,
  environment: NodeJS.ProcessEnv = process.env,
): NodeJS.ProcessEnv {
  const inherited = environment['PYTHONPATH'];
  return {
    ...environment,
    TRAINYARD_PYTHON: python,
    PYTHONPATH: inherited ? `${paths.project}:${inherited}` : paths.project,
  };
}

/** One line with the version, the path, and whether PyTorch is available. */
export function describeEnvironment({ python, version, torch }: PythonEnvironment): string {
  return `Python ${version} ${torch ? 'with' : 'without'} PyTorch is ready (${python}).`;
}
