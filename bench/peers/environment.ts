import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../.venv', import.meta.url));
const requirements = fileURLToPath(new URL('requirements.txt', import.meta.url));
const INSTALL_MS = 12 * 60_000;

/** The path of a program of the Python environment with the peers. */
export const programOf = (name: string): string => join(folder, 'bin', name);

/**
 * Installs the peers that are written in Python, unless these versions are installed.
 * @returns how long it took, s; null if nothing was installed
 */
export function installPeers(): number | null {
  const stamp = join(folder, 'installed.txt');
  const wanted = readFileSync(requirements, 'utf8');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return null;
  const startedAt = performance.now();
  run('python3', ['-m', 'venv', folder]);
  // Without compiling: each peer compiles what it imports.
  run(programOf('pip'), ['install', '--quiet', '--no-compile', '--disable-pip-version-check', '-r', requirements]);
  writeFileSync(stamp, wanted);
  return (performance.now() - startedAt) / 1000;
}

function run(command: string, parameters: readonly string[]): void {
  const { status, signal } = spawnSync(command, parameters, { stdio: 'inherit', timeout: INSTALL_MS });
  if (status !== 0) throw new Error(`${command} ${parameters.join(' ')} ended with ${String(signal ?? status)}`);
}
