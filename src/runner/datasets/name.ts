import { InvalidInputError } from '../job/errors.ts';

/** What the trainer takes for a table by its name, each also packed: see python/trainyard/data/table_file.py. */
const EXTENSION = /\.(csv|tsv|tab|txt|jsonl|ndjson|json)(\.gz)?$/i;
/** File systems take 255; some is left for what programs append to a name. */
const MAX_BYTES = 200;

/**
 * Checks a name that a file is to be stored under. What is there already may have any name that the file system takes.
 * @throws InvalidInputError with a sentence that says what is wrong with it
 */
export function checkNewName(name: string): void {
  const problem = problemOf(name);
  if (problem !== null) throw new InvalidInputError(`The name of a dataset ${problem}`, ['name']);
}

function problemOf(name: string): string | null {
  if (/[/\\]/.test(name)) return 'may not contain a slash: datasets are stored side by side, without folders.';
  // Control, formatting and unassigned characters: none of them can be seen, and some turn what is seen around.
  if (/\p{C}|[\p{Zl}\p{Zp}]/u.test(name)) return 'may hold only characters that can be seen.';
  if (name.startsWith('.') || name.trim() !== name) return 'may not begin with a dot, nor begin or end with a space.';
  if (Buffer.byteLength(name) > MAX_BYTES) return `may be at most ${MAX_BYTES} bytes long.`;
  if (!EXTENSION.test(name)) {
    return 'must end in .csv, .tsv, .tab, .txt, .jsonl, .ndjson or .json, or one of these and .gz.';
  }
  return null;
}
