import { accessSync, constants, existsSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { formatBytes } from '../terminal/format.ts';
import { type Finding, note, ok, wrong } from './check.ts';

const FOLDERS = ['artifacts', 'models', 'datasets'];
/** Enough for checkpoints and logs of several small trainings. */
const ENOUGH_BYTES = 1e9;
const TOO_LITTLE_BYTES = 50e6;

/** Checks that the server can write its files, and that there is enough free space. */
export function checkFolders(home: string): Finding[] {
  const written = checkWritable(home);
  return written.state === 'WRONG' ? [written] : [written, checkSpace(home)];
}

function checkWritable(home: string): Finding {
  const remedy = 'Change its owner to the user of the server (chown), or set TRAINYARD_HOME to a writable folder.';
  const base = nearestFolder(home);
  if (!statSync(base).isDirectory()) {
    return wrong('Home', `${base} is a file, but the home must be a folder.`, 'Set TRAINYARD_HOME to a folder.');
  }
  const existing = [
    base,
    ...(base === home ? FOLDERS.map((name) => join(home, name)).filter((path) => existsSync(path)) : []),
  ];
  for (const folder of existing) {
    const code = tryToWrite(folder);
    if (code !== null) return wrong('Home', `${folder} is not writable (${code}).`, remedy);
  }
  return ok('Home', base === home ? home : `${home} (will be created)`);
}

/** Writes a file, since permissions alone prove nothing: the mount may be read-only, or a quota may be exhausted. */
function tryToWrite(folder: string): string | null {
  const probe = join(folder, `.trainyard-doctor-${process.pid}`);
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    writeFileSync(probe, 'x');
    return null;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown';
  } finally {
    rmSync(probe, { force: true });
  }
}

function checkSpace(home: string): Finding {
  const { bavail, bsize } = statfsSync(nearestFolder(home));
  const free = bavail * bsize;
  const says = `${formatBytes(free)} free`;
  if (free >= ENOUGH_BYTES) return ok('Disk', says);
  const remedy = 'Free some space, or delete old jobs: `trainyard delete --ended-before 30d`.';
  return free < TOO_LITTLE_BYTES ? wrong('Disk', says, remedy) : note('Disk', says, remedy);
}

/** The folder itself, or its nearest existing parent. */
function nearestFolder(path: string): string {
  let folder = path;
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}
