import { join, resolve, sep } from 'node:path';

/** Paths of the Python part of a checkout or an installed package. */
export interface PythonPaths {
  /** The root folder of the repository or the package. */
  readonly root: string;
  /** The virtual environment that the set-up creates. */
  readonly venv: string;
  /** The interpreter inside {@link venv}. */
  readonly interpreter: string;
  /** Folder of the `trainyard` package's project file; on PYTHONPATH it makes the package importable without installation. */
  readonly project: string;
  readonly constraints: string;
  /** Written at the end of a successful set-up. */
  readonly stamp: string;
  /** Output of pip. */
  readonly log: string;
  /** Lock of the running set-up. Outside {@link venv}, which a repair deletes. */
  readonly lock: string;
  /** Whether pip may write into {@link root}: true for a checkout; an installed package may be shared or read-only. */
  readonly editable: boolean;
  /** The command that creates or repairs the environment. */
  readonly command: string;
}

/** Root folder of the repository or the installed package with this file. */
export const REPOSITORY_ROOT = resolve(import.meta.dirname, '../../..');

/**
 * Absolute paths for the checkout or the package at `root`; reads no files. A checkout contains its environment. The environment of an
 * installed package is in the home folder, since the package may be shared: npx, for example, keeps it in a cache.
 * @param home default: TRAINYARD_HOME, else the current folder
 */
export function pythonPaths(
  root: string = REPOSITORY_ROOT,
  home: string = resolve(process.env['TRAINYARD_HOME'] || process.cwd()),
): PythonPaths {
  const installed = root.includes(`${sep}node_modules${sep}`);
  const own = join(home, '.trainyard');
  const venv = installed ? join(own, 'venv') : join(root, '.venv');
  return {
    root,
    editable: !installed,
    command: installed ? 'trainyard setup' : 'npm run setup',
    venv,
    interpreter: join(venv, 'bin', 'python'),
    project: join(root, 'python'),
    constraints: join(root, 'python', 'constraints.txt'),
    stamp: join(venv, 'trainyard-setup.json'),
    log: join(venv, 'setup.log'),
    lock: installed ? join(own, 'setup.lock') : join(root, 'node_modules', '.trainyard-setup.lock'),
  };
}
