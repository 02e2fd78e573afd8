/** A measured number with four digits that matter: `0.0123`, `1,234`, `1.2e-7`. */
export function formatNumber(value: number): string {
  const size = Math.abs(value);
  if (value !== 0 && (size < 1e-4 || size >= 1e9)) return value.toExponential(2);
  return value.toLocaleString('en', { maximumSignificantDigits: 4 });
}

/** A count, with separators. */
export function formatCount(value: number): string {
  return value.toLocaleString('en');
}

const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'];

/** A size such as `1.2 MB`. */
export function formatBytes(bytes: number): string {
  const power = Math.min(UNITS.length - 1, bytes < 1000 ? 0 : Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** power;
  return `${value.toLocaleString('en', { maximumSignificantDigits: value < 1000 && power > 0 ? 3 : 4 })} ${UNITS[power] ?? ''}`;
}
