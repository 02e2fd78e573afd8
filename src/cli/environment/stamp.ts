import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PythonPaths } from './paths.ts';

/**
 * Optional parts of the Python package: `torch` for real training, `test` for pytest and the linters, `integrations` for the libraries
 * whose training is captured, such as Transformers and Lightning.
 */
export type Extra = 'torch' | 'test' | 'integrations';

/** The record of a finished set-up. With it the next set-up sees within milliseconds that the environment is complete. */
export interface Stamp {
  /** Hash of the files that define the environment. */
  readonly inputs: string;
  readonly pythonVersion: string;
  /** Size and time of the interpreter file, which change when the system's Python is upgraded. */
  readonly interpreter: string;
  /** The installed extras. The next set-up tries to install missing ones again. */
  readonly extras: readonly Extra[];
  /** Some files of the installed packages, relative to the environment. A missing one means that the environment is damaged. */
  readonly witnesses: readonly string[];
}

/** Hash of the project file, the pinned versions and the location (environments cannot be moved). */
export function hashInputs(paths: PythonPaths): string {
  const hash = createHash('sha256').update(paths.editable ? paths.root : `${paths.root}\0${paths.venv}`);
  for (const file of [join(paths.project, 'pyproject.toml'), paths.constraints])
    hash.update('\0').update(readFileSync(file));
  return hash.digest('hex');
}

/** Identifies the build of the environment's interpreter. @throws the system error when it does not exist */
export function fingerprintInterpreter(paths: PythonPaths): string {
  const { size, mtimeMs } = statSync(paths.interpreter);
  return `${size} ${mtimeMs}`;
}

/** The stamp of a complete and current environment; null when it must be created or repaired. */
export function readValidStamp(paths: PythonPaths): Stamp | null {
  try {
    const stamp = JSON.parse(readFileSync(paths.stamp, 'utf8')) as Stamp;
    const valid =
      stamp.inputs === hashInputs(paths) &&
      stamp.interpreter === fingerprintInterpreter(paths) &&
      stamp.witnesses.every((file) => existsSync(join(paths.venv, file)));
    return valid ? stamp : null;
  } catch {
    // Missing, incomplete, or of another version: the same as no stamp.
    return null;
  }
}

/** Writes the stamp atomically. */
export function writeStamp(paths: PythonPaths, stamp: Stamp): void {
  const staged = `${paths.stamp}.${process.pid}`;
  writeFileSync(staged, `${JSON.stringify(stamp, null, 2)}\n`);
  renameSync(staged, paths.stamp);
}
