import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PythonPaths } from './paths.ts';

/** Optional parts of the Python package: `torch` trains for real, `test` brings pytest and the linters. */
export type Extra = 'torch' | 'test';

/** What a finished set-up leaves behind, so that the next one can see in a few milliseconds that nothing is to be done. */
export interface Stamp {
  /** Hash of all that the environment was made from. */
  readonly inputs: string;
  readonly pythonVersion: string;
  /** Size and time of the interpreter's file: an upgrade of the system's Python changes it under the environment. */
  readonly interpreter: string;
  /** The extras that are there; one that could not be installed is not among them, so the next set-up tries again. */
  readonly extras: readonly Extra[];
  /** Files of the installed packages, relative to the environment; one gone means that somebody took it apart. */
  readonly witnesses: readonly string[];
}

/** Hash of the project file, the pinned versions and the location (environments cannot be moved). */
export function hashInputs(paths: PythonPaths): string {
  const hash = createHash('sha256').update(paths.editable ? paths.root : `${paths.root}\0${paths.venv}`);
  for (const file of [join(paths.project, 'pyproject.toml'), paths.constraints])
    hash.update('\0').update(readFileSync(file));
  return hash.digest('hex');
}

/** Tells one build of the environment's interpreter from another; throws when it is gone. */
export function fingerprintInterpreter(paths: PythonPaths): string {
  const { size, mtimeMs } = statSync(paths.interpreter);
  return `${size} ${mtimeMs}`;
}

/** The stamp of an environment that is complete and made from today's inputs; null when it has to be made or repaired. */
export function readValidStamp(paths: PythonPaths): Stamp | null {
  try {
    const stamp = JSON.parse(readFileSync(paths.stamp, 'utf8')) as Stamp;
    const valid =
      stamp.inputs === hashInputs(paths) &&
      stamp.interpreter === fingerprintInterpreter(paths) &&
      stamp.witnesses.every((file) => existsSync(join(paths.venv, file)));
    return valid ? stamp : null;
  } catch {
    // Missing, torn, or of another version: the same as no stamp.
    return null;
  }
}

/** Writes the stamp, all or nothing. */
export function writeStamp(paths: PythonPaths, stamp: Stamp): void {
  const staged = `${paths.stamp}.${process.pid}`;
  writeFileSync(staged, `${JSON.stringify(stamp, null, 2)}\n`);
  renameSync(staged, paths.stamp);
}
