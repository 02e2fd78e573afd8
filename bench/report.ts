/** The middle value; the lower one of two. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? NaN;
}

/** The value that `part` of all values do not exceed, for example 0.99. */
export function percentile(values: readonly number[], part: number): number {
  return values.toSorted((a, b) => a - b)[Math.ceil(values.length * part) - 1] ?? NaN;
}

/** Prints a table in Markdown, the format of the files of results. */
export function printTable(title: string, rows: readonly Readonly<Record<string, string>>[]): void {
  const columns = Object.keys(rows[0] ?? {});
  const widths = columns.map((column) =>
    Math.max(...[column, ...rows.map((row) => row[column] ?? '')].map((text) => text.length)),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((text, index) => text.padEnd(widths[index] ?? 0)).join(' | ')} |`;
  console.log(`\n## ${title}\n`);
  console.log(line(columns));
  console.log(`| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`);
  for (const row of rows) console.log(line(columns.map((column) => row[column] ?? '')));
}

/** Prints a ratio with its goal. */
export function printGoal(what: string, ratio: number, goal: 'at least' | 'at most', bound: number): void {
  const isMet = goal === 'at least' ? ratio >= bound : ratio <= bound;
  console.log(`- ${what}: ${ratio.toFixed(2)} x; goal ${goal} ${bound} x: ${isMet ? 'met' : 'missed'}`);
}
