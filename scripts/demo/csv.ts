/**
 * Parses CSV (RFC 4180: commas; quoted cells with doubled quotes and line breaks), which is the output of
 * `python -m trainyard predict`.
 * @returns one array of cells for each record, including the header
 */
export function parseCsv(text: string): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  // Matches a cell and its delimiter. Quoted cells come first: their commas and line breaks are text.
  for (const match of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
    if (match.index === text.length && record.length === 0) break;
    record.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
    if (match[3] === ',') continue;
    records.push(record);
    record = [];
  }
  return records;
}

/**
 * Returns the first lines of a table: its header and up to `rows` rows, for any delimiter and for JSON lines.
 * A line break inside quotes does not end a row. Omits a last line that may be incomplete, unless `complete`.
 */
export function firstRows(
  text: string,
  rows: number,
  { header, complete }: { header: boolean; complete: boolean },
): string {
  let remaining = rows + (header ? 1 : 0);
  let quoted = false;
  let end = 0;
  for (let at = 0; at < text.length && remaining > 0; at += 1) {
    const character = text[at];
    if (character === '"' && header) quoted = !quoted;
    if (character !== '\n' || quoted) continue;
    end = at + 1;
    remaining -= 1;
  }
  return remaining > 0 && complete ? text : text.slice(0, end);
}
