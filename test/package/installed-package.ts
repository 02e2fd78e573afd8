import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { REPOSITORY_ROOT } from '../../src/cli/environment/paths.ts';

/** The package as after `npm install`, in a temporary project. Disposing removes it. */
export interface InstalledPackage extends Disposable {
  /** Folder of the project that contains the package. */
  readonly project: string;
  /** Folder of the package in `node_modules`. */
  readonly folder: string;
  /** Paths of all files of the package, relative to {@link folder}. */
  readonly files: readonly string[];
}

/**
 * Builds, packs and unpacks the package like npm. Its dependencies are links to those of the repository, since tests have no network.
 */
export function installPackedPackage(): InstalledPackage {
  const project = mkdtempSync(join(tmpdir(), 'trainyard-project-'));
  const modules = join(project, 'node_modules');
  const folder = join(modules, 'trainyard');
  mkdirSync(folder, { recursive: true });
  const run = (command: string, ...args: readonly string[]) =>
    execFileSync(command, args, { cwd: REPOSITORY_ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  run(process.execPath, join('node_modules', 'typescript', 'bin', 'tsc'), '-p', 'tsconfig.build.json');
  // Without scripts, which would build again.
  run('npm', 'pack', '--ignore-scripts', '--pack-destination', project);
  const tarball = readdirSync(project).find((name) => name.endsWith('.tgz')) ?? '';
  run('tar', '-xzf', join(project, tarball), '-C', folder, '--strip-components', '1');
  for (const name of readdirSync(join(REPOSITORY_ROOT, 'node_modules'))) {
    if (name.startsWith('.') || name === 'trainyard') continue;
    symlinkSync(join(REPOSITORY_ROOT, 'node_modules', name), join(modules, name));
  }
  return {
    project,
    folder,
    files: readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1)),
    [Symbol.dispose]: () => rmSync(project, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 }),
  };
}
