import { nonFiniteText, type Series } from './series.ts';

/**
 * Formats metric histories as CSV (RFC 4180): `step`, `at` (ISO 8601), then a column for each metric, with a row for each report. A cell is
 * empty when the report has no value for the metric. NaN and infinity are `NaN`, `Infinity` and `-Infinity`. Rows are ordered by step, or by time if
 * steps go back. Names that a spreadsheet would run as a formula begin
 * with an apostrophe.
 */
export function metricsCsv(all: readonly Series[]): string[] {
  const rows = new Map<string, { step: number; at: string; values: Map<string, number | string> }>();
  for (const { name, points } of all) {
    for (const { step, at, value, nonFinite } of points) {
      const key = `${step} ${at}`;
      let row = rows.get(key);
      if (row === undefined) rows.set(key, (row = { step, at, values: new Map() }));
      const cell = value ?? nonFiniteText(nonFinite);
      if (cell !== null) row.values.set(name, cell);
    }
  }
  const names = all.map(({ name }) => name);
  const byTime = all.some(({ stepsGoBack }) => stepsGoBack);
  const sorted = [...rows.values()].sort(
    (a, b) => (byTime ? 0 : a.step - b.step) || a.at.localeCompare(b.at) || a.step - b.step,
  );
  return [
    ['step', 'at', ...names].map((name) => quote(escapeFormula(name))).join(','),
    ...sorted.map(({ step, at, values }) => [step, at, ...names.map((name) => values.get(name) ?? '')].join(',')),
  ];
}

/**
 * Spreadsheets run a cell that starts with one of these as a formula; with an apostrophe before it, they show it as text. The wide forms are what
 * East Asian input methods type. https://owasp.org/www-community/attacks/CSV_Injection
 */
function escapeFormula(text: string): string {
  return /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/.test(text) ? `'${text}` : text;
}

function quote(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
