import { globSync, rmSync, writeFileSync } from 'node:fs';
import { isAbsolute, join, relative } from 'node:path';
import { NoPythonError, probeInterpreter } from './find-interpreter.ts';
import { inspectInterpreter } from './inspect.ts';
import type { PythonPaths } from './paths.ts';
import { pipInstall, type PipOutcome } from './pip.ts';
import type { SetUpOptions } from './set-up-options.ts';
import { type Extra, fingerprintInterpreter, hashInputs, readValidStamp, type Stamp, writeStamp } from './stamp.ts';

type InstallOptions = Pick<SetUpOptions, 'output' | 'environment' | 'signal'>;

/**
 * Installs the Python package and its extras into the environment, checks the result by importing it, and writes the stamp.
 * @returns the stamp, which names the installed extras
 * @throws NoPythonError when the environment cannot be used at all, `signal.reason`
 */
export async function installPackage(
  paths: PythonPaths,
  requested: readonly Extra[],
  { output, environment = process.env, signal }: InstallOptions,
): Promise<Stamp> {
  const inputs = hashInputs(paths);
  const previous = readValidStamp(paths);
  // An interrupted installation must not look complete.
  rmSync(paths.stamp, { force: true });
  const extras = [...new Set([...(previous?.extras ?? []), ...requested])];
  if (extras.includes('torch') && previous?.extras.includes('torch') !== true) {
    output.info(
      'Installing PyTorch. The download is several hundred megabytes; on Linux, with its GPU libraries, a few gigabytes. This happens only once.',
    );
  }
  const missing = await installAvailable(paths, extras, { output, environment, signal });

  const interpreter = await probeInterpreter(paths.interpreter, environment);
  const inspection = await inspectInterpreter(paths.interpreter, { environment, signal });
  if (interpreter === null || inspection?.trainyard !== true) {
    throw new NoPythonError(
      `The Python environment in ${paths.venv} is broken. Delete the folder and run this command again.`,
    );
  }
  if (extras.includes('torch') && inspection.torch === null && !missing.has('torch')) {
    missing.set('torch', `It is installed, but cannot be loaded: ${inspection.torchProblem ?? 'unknown reason'}`);
  }
  const [torch, test, integrations] = (['torch', 'test', 'integrations'] as const).map((extra) => missing.get(extra));
  if (torch !== undefined) {
    output.warn(`PyTorch is not installed: trainings are simulations without a model. ${torch}`);
  }
  if (test !== undefined && test !== torch) {
    output.warn(`The tools for the Python tests are not installed. ${test}`);
  }
  if (integrations !== undefined && integrations !== torch) {
    output.warn(`The libraries for the tests of integrations are not installed. ${integrations}`);
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

/** Installs all extras at once, so that pip resolves them together; one by one when that fails. */
async function installAvailable(
  paths: PythonPaths,
  extras: readonly Extra[],
  { output, environment = process.env, signal }: InstallOptions,
): Promise<Map<Extra, string>> {
  const install = async (selected: readonly Extra[]): Promise<PipOutcome> => {
    const requirements = requirementsFor(paths, selected);
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
  // Without the package index each extra would fail as well, after long retries of pip.
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

/** The packages of the extras in `pyproject.toml`. The constraints file pins their versions. */
export const EXTRA_PACKAGES: Readonly<Record<Extra, readonly string[]>> = {
  torch: ['torch', 'numpy', 'safetensors', 'polars'],
  test: ['pytest', 'pytest-xdist', 'scikit-learn', 'ruff', 'mypy'],
  integrations: [
    ...['accelerate', 'keras', 'lightgbm', 'lightning', 'mlflow-skinny', 'onnx', 'onnxruntime', 'peft', 'tensorboard'],
    ...['tensorboardX', 'tqdm', 'transformers', 'wandb', 'xgboost-cpu'],
  ],
};

/** For a package folder that may be read-only, pip installs only the requirements; {@link linkProject} links the package itself. */
function requirementsFor({ editable, project }: PythonPaths, extras: readonly Extra[]): readonly string[] {
  if (editable) return ['-e', `${project}${extras.length > 0 ? `[${extras.join(',')}]` : ''}`];
  return extras.flatMap((extra) => EXTRA_PACKAGES[extra]);
}

const LINK = 'trainyard-checkout.pth';

/** Makes the package importable without installing it, which needs only Python. */
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
