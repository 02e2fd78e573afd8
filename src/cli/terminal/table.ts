import { stripVTControlCharacters } from 'node:util';

/** Which side the cells of a column stand on; `RIGHT` for numbers. */
export type Alignment = 'LEFT' | 'RIGHT';

/** Lines of aligned columns, two spaces apart. Cells may have colours. A column without an alignment stands left. */
export function alignColumns(rows: readonly (readonly string[])[], alignments: readonly Alignment[] = []): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, widthOf(cell));
  }
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const gap = ' '.repeat((widths[column] ?? 0) - widthOf(cell));
        return alignments[column] === 'RIGHT' ? gap + cell : cell + gap;
      })
      .join('  ')
      .trimEnd(),
  );
}

/** `text` in at most `width` characters, with an ellipsis where it was cut. */
export function shorten(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, Math.max(0, width - 1))}…` : text;
}

/** How many columns `cell` takes, its colours not counted. */
export function widthOf(cell: string): number {
  return stripVTControlCharacters(cell).length;
}
