import { globSync, rmSync, writeFileSync } from 'node:fs';
import { isAbsolute, join, relative } from 'node:path';
import { NoPythonError, probeInterpreter } from './find-interpreter.ts';
import { inspectInterpreter } from './inspect.ts';
import type { PythonPaths } from './paths.ts';
import { pipInstall, type PipOutcome } from './pip.ts';
import type { SetUpOptions } from './set-up.ts';
import { type Extra, fingerprintInterpreter, hashInputs, readValidStamp, type Stamp, writeStamp } from './stamp.ts';

type InstallOptions = Pick<SetUpOptions, 'output' | 'environment' | 'signal'>;

/**
 * Installs the Python package and its extras into the environment, checks the result by importing it, and stamps it.
 * @returns the stamp, which names the extras that are there now and those that are not
 * @throws NoPythonError when the environment cannot be used at all, `signal.reason`
 */
export async function installPackage(
  paths: PythonPaths,
  wanted: readonly Extra[],
  { output, environment = process.env, signal }: InstallOptions,
): Promise<Stamp> {
  const inputs = hashInputs(paths);
  const before = readValidStamp(paths);
  // An interrupted run must not look complete.
  rmSync(paths.stamp, { force: true });
  const extras = [...new Set([...(before?.extras ?? []), ...wanted])];
  if (extras.includes('torch') && before?.extras.includes('torch') !== true) {
    output.say(
      'Installing PyTorch. It is large: several hundred megabytes to download, on Linux with its GPU libraries a few gigabytes. This happens once.',
    );
  }
  const missing = await installWhatWorks(paths, extras, { output, environment, signal });

  const interpreter = await probeInterpreter(paths.interpreter, environment);
  const inspection = await inspectInterpreter(paths.interpreter, { environment, signal });
  if (interpreter === null || inspection?.trainyard !== true) {
    throw new NoPythonError(
      `The Python environment in ${paths.venv} cannot be used. Delete that folder and run this again.`,
    );
  }
  if (extras.includes('torch') && inspection.torch === null && !missing.has('torch')) {
    missing.set('torch', `It is installed but cannot be loaded: ${inspection.torchProblem ?? 'it says nothing'}`);
  }
  const [torch, test] = [missing.get('torch'), missing.get('test')];
  if (torch !== undefined) {
    output.warn(`There is no PyTorch: trainings are simulations, and no model is trained. ${torch}`);
  }
  if (test !== undefined && test !== torch) {
    output.warn(`The tools for the Python tests could not be installed. ${test}`);
  }
  const stamp: Stamp = {
    inputs,
    pythonVersion: interpreter.version,
    interpreter: fingerprintInterpreter(paths),
    extras: extras.filter((extra) => !missing.has(extra)),
    witnesses: inspection.witnesses.map((file) => relative(paths.venv, file)).filter(isInside),
  };
  writeStamp(paths, stamp);
  return stamp;
}

/** Everything at once, because pip then resolves everything together; piece by piece only where that fails. */
async function installWhatWorks(
  paths: PythonPaths,
  extras: readonly Extra[],
  { output, environment = process.env, signal }: InstallOptions,
): Promise<Map<Extra, string>> {
  const install = async (some: readonly Extra[]): Promise<PipOutcome> => {
    const requirements = requirementsOf(paths, some);
    if (requirements.length === 0) return { installed: true };
    return pipInstall(paths, requirements, {
      environment,
      onActivity: (activity) => output.activity(activity),
      signal,
    });
  };
  if (!paths.editable) linkProject(paths);
  const all = await install(extras);
  if (all.installed) {
    for (const link of paths.editable ? linksToProject(paths) : []) rmSync(link);
    return new Map();
  }
  const missing = new Map(extras.map((extra) => [extra, all.reason]));
  // Without the index the pieces fail as the whole did, each after pip's own long retries.
  if (!all.unreachable) {
    for (const extra of extras.length > 1 ? extras : []) {
      const outcome = await install([extra]);
      if (outcome.installed) missing.delete(extra);
      else missing.set(extra, outcome.reason);
    }
    if (missing.size < extras.length || (extras.length > 0 && (await install([])).installed)) return missing;
  }
  linkProject(paths);
  return missing;
}

/** What the extras of `pyproject.toml` ask for, in the versions that the constraints pin. */
export const EXTRA_PACKAGES: Readonly<Record<Extra, readonly string[]>> = {
  torch: ['torch', 'numpy', 'safetensors'],
  test: ['pytest', 'scikit-learn', 'ruff', 'mypy'],
};

/** Of a package that is not ours to write to, pip installs what it needs; the package itself is linked. */
function requirementsOf({ editable, project }: PythonPaths, extras: readonly Extra[]): readonly string[] {
  if (editable) return ['-e', `${project}${extras.length > 0 ? `[${extras.join(',')}]` : ''}`];
  return extras.flatMap((extra) => EXTRA_PACKAGES[extra]);
}

const LINK = 'trainyard-checkout.pth';

/** Makes the package importable where it is not installed. It needs nothing but Python. */
function linkProject(paths: PythonPaths): void {
  for (const folder of globSync('lib/python3*/site-packages', { cwd: paths.venv })) {
    writeFileSync(join(paths.venv, folder, LINK), `${paths.project}\n`);
  }
}

function linksToProject(paths: PythonPaths): readonly string[] {
  return globSync(`lib/python3*/site-packages/${LINK}`, { cwd: paths.venv }).map((file) => join(paths.venv, file));
}

function isInside(path: string): boolean {
  return !isAbsolute(path) && !path.startsWith('..');
}
