import { existsSync, rmSync } from 'node:fs';
import { runProcess } from '../run-process.ts';
import { type Interpreter, isSupported, probeInterpreter } from './find-interpreter.ts';
import { inspectInterpreter } from './inspect.ts';
import type { PythonPaths } from './paths.ts';
import type { SetUpOptions } from './set-up.ts';

/**
 * Makes the environment with `interpreter`, or keeps the one that is there when it is whole.
 * @returns false when this Python cannot make one; it has then been told why, and nothing is left behind
 */
export async function makeVirtualEnvironment(
  paths: PythonPaths,
  interpreter: Interpreter,
  { output, environment = process.env, signal }: Pick<SetUpOptions, 'output' | 'environment' | 'signal'>,
): Promise<boolean> {
  const where = paths.editable ? '.venv' : paths.venv;
  if (existsSync(paths.venv)) {
    if (await isWhole(paths, environment, signal)) return true;
    output.say(`The Python environment in ${where} is broken or was made by a Python that is gone. Making it anew.`);
    rmSync(paths.venv, { recursive: true, force: true });
  }
  output.say(`Making a Python environment in ${where} (Python ${interpreter.version}).`);
  const { code, lines } = await runProcess(interpreter.command, ['-m', 'venv', paths.venv], { environment, signal });
  if (code === 0) return true;

  // A failed attempt leaves a folder that looks like an environment and has no pip.
  rmSync(paths.venv, { recursive: true, force: true });
  const said = lines.join(' ');
  const why = /ensurepip|No module named venv/.test(said)
    ? 'its "venv" module is not installed. On Debian and Ubuntu "sudo apt-get install python3-venv" adds it'
    : `it said: ${lines.findLast((line) => line.trim() !== '')?.trim() ?? 'nothing'}`;
  output.warn(
    `Python ${interpreter.version} (${interpreter.path}) cannot make a virtual environment: ${why}; ` +
      `then run "${paths.command}" again. Going on with this Python as it is.`,
  );
  return false;
}

async function isWhole(
  paths: PythonPaths,
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const interpreter = await probeInterpreter(paths.interpreter, environment);
  if (interpreter === null || !isSupported(interpreter)) return false;
  const inspection = await inspectInterpreter(paths.interpreter, { environment, signal, whole: true });
  if (inspection === null || inspection.broken.length > 0) return false;
  const { code } = await runProcess(paths.interpreter, ['-m', 'pip', '--version'], { environment, signal });
  return code === 0;
}
