import { NoPythonError } from './find-interpreter.ts';
import { pythonPaths } from './paths.ts';
import { describeEnvironment } from './python-environment.ts';
import { setUp } from './set-up.ts';
import { createSetUpOutput } from './set-up-output.ts';
import type { Extra } from './stamp.ts';
import { Interrupted } from '../interruption.ts';
import type { Screen } from '../terminal/screen.ts';

/**
 * Creates or repairs the Python environment, and shows the progress.
 * @returns the exit code: 0 when there is a Python to train with (possibly without PyTorch, with a warning), 1 when there is none
 */
export async function runSetUp(
  extras: readonly Extra[],
  { screen, signal }: { screen: Screen; signal: AbortSignal },
): Promise<number> {
  using output = createSetUpOutput(screen);
  const paths = pythonPaths();
  try {
    const environment = await setUp({ paths, extras, output, signal });
    output.info(describeEnvironment(environment));
    return 0;
  } catch (error) {
    if (error instanceof Interrupted) {
      output.info(`Interrupted. Run "${paths.command}" again to continue.`);
      return error.exitCode;
    }
    if (!(error instanceof NoPythonError)) throw error;
    output.warn(error.message);
    return 1;
  }
}
