import { join, resolve } from 'node:path';

/** Where the Python side of a checkout lies. */
export interface PythonPaths {
  /** The repository's root folder. */
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
  /** Held by the set-up that is running. Outside `.venv`, which a repair deletes. */
  readonly lock: string;
}

/** The repository that this file belongs to. */
export const REPOSITORY_ROOT = resolve(import.meta.dirname, '../../..');

/** Absolute paths for the checkout at `root`; nothing is touched. */
export function pythonPaths(root: string = REPOSITORY_ROOT): PythonPaths {
  const venv = join(root, '.venv');
  return {
    root,
    venv,
    interpreter: join(venv, 'bin', 'python'),
    project: join(root, 'python'),
    constraints: join(root, 'python', 'constraints.txt'),
    stamp: join(venv, 'trainyard-setup.json'),
    log: join(venv, 'setup.log'),
    lock: join(root, 'node_modules', '.trainyard-setup.lock'),
  };
}
