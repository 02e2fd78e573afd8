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

/** A dataset by the name that the API knows it by. */
export interface PlacedDataset {
  /** Relative to `datasets/`. */
  readonly name: string;
  /** True when the file was copied in just now. */
  readonly copied: boolean;
}

/**
 * Makes the file that somebody named readable through the API, which sees nothing outside `datasets/`: a file from
 * elsewhere is copied in. A different file of the same name there is left alone; the copy then has a piece of its
 * content's hash in its name, so that the same file always gets the same one.
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
      `There is no file ${resolve(folder, given)}, and none of that name in ${datasets}${listing(datasets)}.`,
    );
  }
  if (!statSync(source).isFile()) throw new UsageError(`${source} is not a file. Name one CSV, TSV or JSONL file.`);
  if (existsSync(datasets)) {
    const inside = relative(realpathSync(datasets), realpathSync(source));
    if (!inside.startsWith('..')) return { name: inside, copied: false };
  }
  mkdirSync(datasets, { recursive: true });
  const name = await freeName(source, datasets);
  if (existsSync(join(datasets, name))) return { name, copied: false };
  // Copied beside its place first: a copy that is cut short must not look like the dataset.
  const staged = join(datasets, `.${name}.${process.pid}`);
  try {
    copyFileSync(source, staged);
    renameSync(staged, join(datasets, name));
  } finally {
    rmSync(staged, { force: true });
  }
  return { name, copied: true };
}

async function freeName(source: string, datasets: string): Promise<string> {
  const name = basename(source);
  const taken = join(datasets, name);
  if (!existsSync(taken)) return name;
  const hash = await hashFile(source);
  if (statSync(taken).isFile() && (await hashFile(taken)) === hash) return name;
  // The ending, `.csv.gz` for example, stays: it says how the file is read.
  const dot = name.indexOf('.', 1);
  const [stem, ending] = dot === -1 ? [name, ''] : [name.slice(0, dot), name.slice(dot)];
  return `${stem}-${hash.slice(0, 8)}${ending}`;
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
