import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** What `dist/` is made of. A folder stands for all files in it. */
const INPUTS = [
  'src',
  'schema.graphql',
  'codegen.ts',
  'tsconfig.json',
  'tsconfig.build.json',
  'vite.config.ts',
  'package.json',
  'package-lock.json',
];
/** The build generates these from the schema, so they say nothing about its age. */
const GENERATED = /^src\/[\w-]+\/graphql$/;
/** The build writes it last. */
const LAST_OUTPUT = 'dist/monitor/index.html';

/**
 * Why a checkout has to be built, for a person to read; null if `dist/` is up to date.
 * @param root folder of the checkout
 */
export function reasonToBuild(root: string): string | null {
  const built = timeOf(join(root, LAST_OUTPUT));
  if (built === null) return 'dist/ is not built yet';
  const newer = INPUTS.flatMap((path) => newerThan(built, root, path)).at(0);
  return newer === undefined ? null : `${newer} is newer than dist/`;
}

/** The paths at or in `path` that changed after a time. A folder changes when a file in it is added, renamed or deleted. */
function newerThan(time: number, root: string, path: string): string[] {
  if (GENERATED.test(path)) return [];
  const changedAt = timeOf(join(root, path));
  if (changedAt === null) return [];
  const inside = namesIn(join(root, path)).flatMap((name) => newerThan(time, root, `${path}/${name}`));
  return changedAt > time ? [...inside, path] : inside;
}

function timeOf(path: string): number | null {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? null;
}

function namesIn(path: string): string[] {
  return statSync(path).isDirectory() ? readdirSync(path).sort() : [];
}
