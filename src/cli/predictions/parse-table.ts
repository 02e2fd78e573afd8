/** A table with unique names of columns, and as many cells in each row. */
export interface PlainTable {
  readonly names: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const MAX_COLUMNS = 1_000;

/**
 * Reads a plain table: comma-separated, or tab-separated in a `.tsv` file, UTF-8, with a header.
 * @returns null if the file is anything else, such as another delimiter, a comment, an irregular row or a wide table: the server reads those
 */
export function parseTable(file: string, content: Uint8Array): PlainTable | null {
  if (!/\.(csv|tsv)$/i.test(file)) return null;
  const text = decode(content);
  if (text === null || /^\s*(#|sep=)/.test(text)) return null;
  const cells = split(text, /\.tsv$/i.test(file) ? '\t' : ',');
  const [header, ...rows] = cells ?? [];
  if (header === undefined || rows.length === 0 || header.length > MAX_COLUMNS) return null;
  // A table with another delimiter has one column here.
  if (header.length === 1 && /[;\t|]/.test(header[0] ?? '')) return null;
  const isRegular = rows.every((row) => row.length === header.length);
  const isNamed = header.every((name) => name !== '') && new Set(header).size === header.length;
  return isRegular && isNamed ? { names: header, rows } : null;
}

function decode(content: Uint8Array): string | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(content);
    return text.includes('\0') ? null : text;
  } catch {
    return null;
  }
}

/** The stripped cells of each line that is not empty; null if a quote is inside a value. */
function split(text: string, delimiter: ',' | '\t'): string[][] | null {
  const value = new RegExp(`(?:"((?:[^"]|"")*)"|([^"${delimiter}\\r\\n]*))(${delimiter}|\\r\\n|\\n|\\r|$)`, 'y');
  const rows: string[][] = [];
  let row: string[] = [];
  while (value.lastIndex < text.length || row.length > 0) {
    const found = value.exec(text);
    if (!found) return null;
    const [, quoted, plain = '', end] = found;
    row.push((quoted?.replaceAll('""', '"') ?? plain).trim());
    if (end === delimiter) continue;
    if (row.length > 1 || row[0] !== '' || quoted !== undefined) rows.push(row);
    row = [];
  }
  return rows;
}
