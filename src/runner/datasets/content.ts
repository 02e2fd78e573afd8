import { constants, gunzipSync } from 'node:zlib';

/** Bytes at the start of an uploaded file that {@link problemOfContent} needs. */
export const CHECKED_HEAD_BYTES = 64 * 1024;
/** Unpacked bytes of a gzip file to look at. */
const UNPACKED_BYTES = 4 * CHECKED_HEAD_BYTES;
/** Minimum number of lines that distinguish prose from a table of texts. */
const MIN_LINES = 4;
const MIN_WORDS_A_LINE = 4;

const PARQUET = Buffer.from('PAR1');
const GZIP = Buffer.from([0x1f, 0x8b]);

/** Formats that people upload by mistake, by the bytes at their start. */
const OTHERS: readonly (readonly [start: Buffer, what: string])[] = [
  [Buffer.from('%PDF'), 'a PDF'],
  [Buffer.from('PK\x03\x04'), 'a zip archive or an Excel workbook'],
  [Buffer.from([0xd0, 0xcf, 0x11, 0xe0]), 'an old Excel or Word document'],
  [Buffer.from([0x89, 0x50, 0x4e, 0x47]), 'a PNG image'],
  [Buffer.from([0xff, 0xd8, 0xff]), 'a JPEG image'],
  [Buffer.from('{\\rtf'), 'a formatted text (RTF)'],
  [Buffer.from('SQLite format 3'), 'an SQLite database'],
];

/**
 * Why an uploaded file is not a dataset, judged by its start; null if it may be one. The training checks the rest.
 * @param head the first {@link CHECKED_HEAD_BYTES}, or the whole file if it is shorter
 */
export function problemOfContent(name: string, head: Buffer): string | null {
  if (head.length === 0) return 'The file is empty. Upload a table with a header line and rows.';
  if (/\.parquet$/i.test(name)) {
    return startsWith(head, PARQUET) ? null : 'The name ends in .parquet, but the content is not Parquet.';
  }
  const isPacked = startsWith(head, GZIP);
  if (/\.gz$/i.test(name) && !isPacked) return 'The name ends in .gz, but the content is not gzip data.';
  const start = isPacked ? unpack(head) : head;
  if (start === null) return 'The gzip data is damaged.';
  const other = OTHERS.find(([bytes]) => startsWith(start, bytes));
  if (other) return `The file is ${other[1]}, not a table. Export it as CSV.`;
  if (start.length === 0 || (start.length < CHECKED_HEAD_BYTES && start.toString('latin1').trim() === '')) {
    return 'The file is empty. Upload a table with a header line and rows.';
  }
  const plain = name.replace(/\.gz$/i, '');
  if (/\.(jsonl|ndjson|json)$/i.test(plain)) return problemOfJson(start);
  return /\.(csv|tsv|tab)$/i.test(plain) && isProse(start) ? PROSE : null;
}

const PROSE =
  'The file contains running text instead of a table: its lines have no columns. ' +
  'Give it a name that ends in .txt to train a language model on it.';

function problemOfJson(start: Buffer): string | null {
  const first = /^[\s\ufeff]*(\S)/.exec(start.toString('utf8'))?.[1];
  return first === undefined || first === '{' || first === '[' || start[0] === 0xff || start[0] === 0xfe
    ? null
    : `The content is not JSON: it starts with ${JSON.stringify(first)}. Start it with an object or an array.`;
}

/** Whether the lines are sentences, and most of them differ in their number of fields, whatever the delimiter. */
function isProse(start: Buffer): boolean {
  const lines = start.toString('latin1').split(/\r\n|\r|\n/);
  // The last line may be cut.
  if (start.length >= CHECKED_HEAD_BYTES) lines.pop();
  const texts = lines.filter((line) => line.trim() !== '');
  const words = texts.reduce((sum, line) => sum + line.trim().split(/\s+/).length, 0);
  if (texts.length < MIN_LINES || words < MIN_WORDS_A_LINE * texts.length || start.includes('"')) return false;
  return [',', ';', '\t', '|'].every((delimiter) => {
    const counts = texts.map((line) => line.split(delimiter).length - 1);
    const usual = counts.filter((count) => count > 0 && count === counts[0]).length;
    return usual < texts.length / 2;
  });
}

function unpack(head: Buffer): Buffer | null {
  try {
    return gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: UNPACKED_BYTES });
  } catch (error) {
    // The data is longer than the part that is checked.
    return (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? Buffer.from('?') : null;
  }
}

function startsWith(content: Buffer, start: Buffer): boolean {
  return content.subarray(0, start.length).equals(start);
}
