import { accessSync, constants, existsSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { formatBytes } from '../terminal/format.ts';
import { type Finding, note, ok, wrong } from './check.ts';

const FOLDERS = ['artifacts', 'models', 'datasets'];
/** Checkpoints and logs of some small trainings. */
const ENOUGH_BYTES = 1e9;
const TOO_LITTLE_BYTES = 50e6;

/** Looks whether the server could write its files, and whether there is room for them. */
export function checkFolders(home: string): Finding[] {
  const written = checkWritable(home);
  return written.state === 'WRONG' ? [written] : [written, checkSpace(home)];
}

function checkWritable(home: string): Finding {
  const choice = 'Give it to the user of the server (chown), or set TRAINYARD_HOME to a folder that can be written.';
  const base = nearestFolder(home);
  if (!statSync(base).isDirectory()) {
    return wrong('Home', `${base} is a file, and the home has to be a folder.`, 'Set TRAINYARD_HOME to a folder.');
  }
  const existing = [
    base,
    ...(base === home ? FOLDERS.map((name) => join(home, name)).filter((path) => existsSync(path)) : []),
  ];
  for (const folder of existing) {
    const code = tryToWrite(folder);
    if (code !== null) return wrong('Home', `${folder} cannot be written (${code}).`, choice);
  }
  return ok('Home', base === home ? home : `${home}, which will be made`);
}

/** Writing is the only proof: a mount may be read-only, or a quota used up, whatever the permissions say. */
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

/** The folder itself, or the nearest one above it that exists. */
function nearestFolder(path: string): string {
  let folder = path;
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}
