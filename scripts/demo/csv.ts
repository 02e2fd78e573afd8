/**
 * Reads CSV as RFC 4180 writes it (commas, quotes doubled inside quotes, line breaks allowed there); this is what
 * `python -m trainyard predict` prints.
 * @returns one array of cells a record, the header among them
 */
export function parseCsv(text: string): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  // One cell with what ends it. A quoted cell is tried first: its commas and line breaks are text.
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
 * The first lines of a table that hold its header and up to `rows` rows, for any delimiter, and for JSON lines.
 * A line break inside quotes does not end a row. A last line that may be cut short is left out unless `complete`.
 */
export function firstRows(
  text: string,
  rows: number,
  { header, complete }: { header: boolean; complete: boolean },
): string {
  let wanted = rows + (header ? 1 : 0);
  let quoted = false;
  let end = 0;
  for (let at = 0; at < text.length && wanted > 0; at += 1) {
    const character = text[at];
    if (character === '"' && header) quoted = !quoted;
    if (character !== '\n' || quoted) continue;
    end = at + 1;
    wanted -= 1;
  }
  return wanted > 0 && complete ? text : text.slice(0, end);
}
