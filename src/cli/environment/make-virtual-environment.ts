import { existsSync, rmSync } from 'node:fs';
import { runProcess } from '../run-process.ts';
import { type Interpreter, isSupported, probeInterpreter } from './find-interpreter.ts';
import { inspectInterpreter } from './inspect.ts';
import type { PythonPaths } from './paths.ts';
import type { SetUpOptions } from './set-up-options.ts';

/**
 * Creates the virtual environment with `interpreter`, or keeps an existing one that is intact.
 * @returns false when this Python cannot create one, after a warning with the reason; no files remain then
 */
export async function makeVirtualEnvironment(
  paths: PythonPaths,
  interpreter: Interpreter,
  { output, environment = process.env, signal }: Pick<SetUpOptions, 'output' | 'environment' | 'signal'>,
): Promise<boolean> {
  const where = paths.editable ? '.venv' : paths.venv;
  if (existsSync(paths.venv)) {
    if (await isIntact(paths, environment, signal)) return true;
    output.info(`The Python environment in ${where} is broken, or its Python no longer exists. Recreating it.`);
    rmSync(paths.venv, { recursive: true, force: true });
  }
  output.info(`Creating a Python environment in ${where} (Python ${interpreter.version}).`);
  const { code, lines } = await runProcess(interpreter.command, ['-m', 'venv', paths.venv], { environment, signal });
  if (code === 0) return true;

  // A failed attempt leaves a folder that looks like an environment, but has no pip.
  rmSync(paths.venv, { recursive: true, force: true });
  const reason = /ensurepip|No module named venv/.test(lines.join(' '))
    ? 'its "venv" module is not installed. On Debian and Ubuntu, run "sudo apt-get install python3-venv"'
    : `the error is: ${lines.findLast((line) => line.trim() !== '')?.trim() ?? 'unknown'}`;
  output.warn(
    `Python ${interpreter.version} (${interpreter.path}) cannot create a virtual environment: ${reason}. ` +
      `Then run "${paths.command}" again. Continuing with this Python unchanged.`,
  );
  return false;
}

async function isIntact(
  paths: PythonPaths,
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const interpreter = await probeInterpreter(paths.interpreter, environment);
  if (interpreter === null || !isSupported(interpreter)) return false;
  const inspection = await inspectInterpreter(paths.interpreter, { environment, signal, checkFiles: true });
  if (inspection === null || inspection.broken.length > 0) return false;
  const { code } = await runProcess(paths.interpreter, ['-m', 'pip', '--version'], { environment, signal });
  return code === 0;
}
