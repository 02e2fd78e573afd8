import { NoPythonError } from './find-interpreter.ts';
import { pythonPaths } from './paths.ts';
import { describeEnvironment } from './python-environment.ts';
import { setUp } from './set-up.ts';
import { showSetUp } from './show-set-up.ts';
import type { Extra } from './stamp.ts';
import { Interrupted } from '../interruption.ts';
import type { Screen } from '../terminal/screen.ts';

/**
 * Makes or repairs the Python environment, and tells of it on the screen.
 * @returns the exit code: 0 when there is a Python to train with (without PyTorch if need be, which it says), 1 when there is none
 */
export async function runSetUp(
  extras: readonly Extra[],
  { screen, signal }: { screen: Screen; signal: AbortSignal },
): Promise<number> {
  using output = showSetUp(screen);
  const paths = pythonPaths();
  try {
    const environment = await setUp({ paths, extras, output, signal });
    output.say(describeEnvironment(environment));
    return 0;
  } catch (error) {
    if (error instanceof Interrupted) {
      output.say(`Interrupted. "${paths.command}" goes on from here.`);
      return error.exitCode;
    }
    if (!(error instanceof NoPythonError)) throw error;
    output.warn(error.message);
    return 1;
  }
}
