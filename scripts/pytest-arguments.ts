import type { PythonEnvironment } from '../src/cli/environment/python-environment.ts';

/** The most processes for the tests: each imports PyTorch and starts Pythons that do. */
const MAX_PROCESSES = 8;

/**
 * Arguments of pytest: `args`, or the whole suite without any. The whole suite runs in a process for each core if the Python has
 * pytest-xdist. A process that has no tests left takes some of another, since the longest files take minutes.
 */
export function pytestArguments(
  { xdist }: Pick<PythonEnvironment, 'xdist'>,
  args: readonly string[],
  cores: number,
): readonly string[] {
  if (args.length > 0) return args;
  const processes = Math.min(cores, MAX_PROCESSES);
  return ['test/python', ...(xdist && processes > 1 ? [`--numprocesses=${processes}`, '--dist=worksteal'] : [])];
}
