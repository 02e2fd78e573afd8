import { createHash } from 'node:crypto';
import {
  copyFileSync,
  createReadStream,
  existsSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { UsageError } from '../../src/cli/usage-error.ts';

/** A dataset and its name in the API. */
export interface PlacedDataset {
  /** Relative to `datasets/`. */
  readonly name: string;
  /** Whether this call copied the file. */
  readonly copied: boolean;
}

/**
 * Makes a file available to the API, which can read only `datasets/`: copies files from other folders. Never overwrites a different file of the
 * same name: the copy then has a part of its content hash in its name, so that the same file always gets the same name.
 * @param given a path relative to `folder`, or a name under `datasets/`
 * @throws UsageError when there is no such file
 */
export async function placeDataset(
  given: string,
  { folder, home }: { folder: string; home: string },
): Promise<PlacedDataset> {
  const datasets = join(home, 'datasets');
  const source = [resolve(folder, given), resolve(datasets, given)].find((path) => existsSync(path));
  if (source === undefined) {
    throw new UsageError(
      `There is no file ${resolve(folder, given)}, and no file of that name in ${datasets}${listing(datasets)}.`,
    );
  }
  if (!statSync(source).isFile()) throw new UsageError(`${source} is not a file. Name one CSV, TSV or JSONL file.`);
  if (existsSync(datasets)) {
    const inside = relative(realpathSync(datasets), realpathSync(source));
    if (!inside.startsWith('..')) return { name: inside, copied: false };
  }
  mkdirSync(datasets, { recursive: true });
  const name = await availableName(source, datasets);
  if (existsSync(join(datasets, name))) return { name, copied: false };
  // Copies to a temporary name first: an interrupted copy must not look like the dataset.
  const staged = join(datasets, `.${name}.${process.pid}`);
  try {
    copyFileSync(source, staged);
    renameSync(staged, join(datasets, name));
  } finally {
    rmSync(staged, { force: true });
  }
  return { name, copied: true };
}

async function availableName(source: string, datasets: string): Promise<string> {
  const name = basename(source);
  const existing = join(datasets, name);
  if (!existsSync(existing)) return name;
  const hash = await hashFile(source);
  if (statSync(existing).isFile() && (await hashFile(existing)) === hash) return name;
  // Keeps the extension, for example `.csv.gz`, which determines the file format.
  const dot = name.indexOf('.', 1);
  const [stem, extension] = dot === -1 ? [name, ''] : [name.slice(0, dot), name.slice(dot)];
  return `${stem}-${hash.slice(0, 8)}${extension}`;
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

function listing(datasets: string): string {
  if (!existsSync(datasets)) return '';
  const names = readdirSync(datasets)
    .filter((name) => !name.startsWith('.'))
    .slice(0, 10);
  return names.length === 0 ? '' : ` (which has ${names.join(', ')})`;
}
