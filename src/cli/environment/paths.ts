import { join, resolve, sep } from 'node:path';

/** Where the Python side of a checkout, or of an installed package, lies. */
export interface PythonPaths {
  /** The root folder of the repository or the package. */
  readonly root: string;
  /** The virtual environment that the set-up makes. */
  readonly venv: string;
  /** The interpreter inside {@link venv}. */
  readonly interpreter: string;
  /** Folder of the `trainyard` package's project file; on PYTHONPATH it makes the package importable uninstalled. */
  readonly project: string;
  readonly constraints: string;
  /** Written last by a set-up that finished. */
  readonly stamp: string;
  /** What pip printed during the last set-up. */
  readonly log: string;
  /** Held by the set-up that is running. Outside {@link venv}, which a repair deletes. */
  readonly lock: string;
  /** Whether pip may write into {@link root}: a checkout is one's own; an installed package may be shared, or read-only. */
  readonly editable: boolean;
  /** What to type to make or repair the environment. */
  readonly command: string;
}

/** The repository or the installed package that this file belongs to. */
export const REPOSITORY_ROOT = resolve(import.meta.dirname, '../../..');

/**
 * Absolute paths for the checkout or the package at `root`; nothing is touched. A checkout has its environment inside; that of
 * an installed package lies in the home folder, since the package may be anybody's: npx keeps it in a cache.
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
