import { InvalidInputError } from '../job/errors.ts';

/** The names that the trainer accepts as tables; all but Parquet also with gzip: see python/trainyard/data/table_file.py. */
const EXTENSION = /\.((csv|tsv|tab|txt|jsonl|ndjson|json)(\.gz)?|parquet)$/i;
/** File systems allow 255; programs may append something to a name. */
const MAX_BYTES = 200;

/**
 * Checks the name of a new file. Existing files may have any name.
 * @throws InvalidInputError with a sentence about the problem
 */
export function checkNewName(name: string): void {
  const problem = problemOf(name);
  if (problem !== null) throw new InvalidInputError(`The name of a dataset ${problem}`, ['name']);
}

function problemOf(name: string): string | null {
  if (/[/\\]/.test(name)) return 'must not contain a slash: datasets are stored without folders.';
  // Control, formatting and unassigned characters: they are invisible, and some reorder the visible text.
  if (/\p{C}|[\p{Zl}\p{Zp}]/u.test(name)) return 'must contain only visible characters.';
  if (name.startsWith('.') || name.trim() !== name) return 'must not start with a dot, nor start or end with a space.';
  if (Buffer.byteLength(name) > MAX_BYTES) return `must be at most ${MAX_BYTES} bytes long.`;
  if (!EXTENSION.test(name)) {
    return 'must end in .csv, .tsv, .tab, .txt, .jsonl, .ndjson or .json, optionally followed by .gz, or in .parquet.';
  }
  return null;
}
