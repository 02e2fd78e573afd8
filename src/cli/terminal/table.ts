import { cutToWidth, textWidth } from './text-width.ts';

/** Alignment of a column; `RIGHT` for numbers. */
export type Alignment = 'LEFT' | 'RIGHT';

/** Formats rows as aligned columns, two spaces apart. Cells may have colours. The default alignment is left. */
export function alignColumns(rows: readonly (readonly string[])[], alignments: readonly Alignment[] = []): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, textWidth(cell));
  }
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const gap = ' '.repeat((widths[column] ?? 0) - textWidth(cell));
        return alignments[column] === 'RIGHT' ? gap + cell : cell + gap;
      })
      .join('  ')
      .trimEnd(),
  );
}

/** Shortens text to at most `width` columns, with an ellipsis at the cut. */
export function shorten(text: string, width: number): string {
  return textWidth(text) > width ? `${cutToWidth(text, Math.max(0, width - 1))}…` : text;
}
