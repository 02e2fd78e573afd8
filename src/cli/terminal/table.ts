import type { Screen } from './screen.ts';
import { cutToWidth, textWidth, wrapText } from './text-width.ts';

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

/** In a narrower last column, texts could not be read: they have lines of their own. */
const MIN_LAST_WIDTH = 24;
const INDENT = 4;

/**
 * Formats rows as {@link alignColumns} does. On a terminal the texts of the last column are broken between words, below each other,
 * or in lines of their own if the other columns leave too little space.
 */
export function wrapLastColumn(
  rows: readonly (readonly string[])[],
  { interactive, columns }: Pick<Screen, 'interactive' | 'columns'>,
  alignments: readonly Alignment[] = [],
): string[] {
  if (!interactive) return alignColumns(rows, alignments);
  const heads = alignColumns(
    rows.map((row) => row.slice(0, -1)),
    alignments,
  );
  const headWidth = Math.max(0, ...heads.map(textWidth));
  const isBeside = columns - 1 - headWidth - 2 >= MIN_LAST_WIDTH;
  const indent = ' '.repeat(isBeside ? headWidth + 2 : INDENT);
  return rows.flatMap((row, index) => {
    const head = heads[index] ?? '';
    const text = row.at(-1) ?? '';
    if (text === '') return [head];
    const [first = '', ...more] = wrapText(text, columns - 1 - indent.length);
    const rest = more.map((line) => indent + line);
    if (!isBeside) return [head, indent + first, ...rest];
    return [head + ' '.repeat(indent.length - textWidth(head)) + first, ...rest];
  });
}

/** Shortens text to at most `width` columns, with an ellipsis at the cut. */
export function shorten(text: string, width: number): string {
  return textWidth(text) > width ? `${cutToWidth(text, Math.max(0, width - 1))}…` : text;
}
