import type { PythonPaths } from './paths.ts';

/** The Python that trains: what a set-up found or made. */
export interface PythonEnvironment {
  /** The interpreter to run. */
  readonly python: string;
  /** For example `3.12.1`. */
  readonly version: string;
  /** `SETTING`: named by TRAINYARD_PYTHON; `VENV`: our own; `SYSTEM`: found on the PATH, where none could be made. */
  readonly origin: 'SETTING' | 'VENV' | 'SYSTEM';
  /** Whether PyTorch can be imported: without it trainings are simulations. */
  readonly torch: boolean;
  readonly pytest: boolean;
}

/**
 * Environment variables for a process that is to use `python`: the server is told which interpreter it is, and the
 * package is importable even where it could not be installed.
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

/** One line that says which Python it is and whether it trains for real. */
export function describeEnvironment({ python, version, torch }: PythonEnvironment): string {
  return `Python ${version} ${torch ? 'with' : 'without'} PyTorch is ready (${python}).`;
}
