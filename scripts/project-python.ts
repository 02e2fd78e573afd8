import { existsSync } from 'node:fs';
import { NoPythonError } from '../src/cli/environment/find-interpreter.ts';
import type { PythonPaths } from '../src/cli/environment/paths.ts';

/**
 * The Python that a finished set-up left, without looking any further: what TRAINYARD_PYTHON names, else our own.
 * @throws NoPythonError when there is neither
 */
export function projectPython(paths: PythonPaths, environment: NodeJS.ProcessEnv = process.env): string {
  const named = environment['TRAINYARD_PYTHON'];
  if (named) return named;
  if (existsSync(paths.interpreter)) return paths.interpreter;
  throw new NoPythonError(
    `There is no Python environment yet. "${paths.command}" makes it, or TRAINYARD_PYTHON names your own.`,
  );
}
