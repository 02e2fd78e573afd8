import { existsSync } from 'node:fs';
import { NoPythonError } from '../src/cli/environment/find-interpreter.ts';
import type { PythonPaths } from '../src/cli/environment/paths.ts';

/**
 * The Python of the last set-up, without a check: TRAINYARD_PYTHON, else the interpreter of the environment.
 * @throws NoPythonError when there is neither
 */
export function projectPython(paths: PythonPaths, environment: NodeJS.ProcessEnv = process.env): string {
  const setting = environment['TRAINYARD_PYTHON'];
  if (setting) return setting;
  if (existsSync(paths.interpreter)) return paths.interpreter;
  throw new NoPythonError(
    `There is no Python environment yet. Run "${paths.command}" to create it, or set TRAINYARD_PYTHON to your own.`,
  );
}
