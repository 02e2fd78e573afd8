/** A measured number with four significant digits: `0.0123`, `1,234`, `1.2e-7`. */
export function formatNumber(value: number): string {
  const size = Math.abs(value);
  if (value !== 0 && (size < 1e-4 || size >= 1e9)) return value.toExponential(2);
  return value.toLocaleString('en', { maximumSignificantDigits: 4 });
}

/** A count with thousands separators: `12,345`. */
export function formatCount(value: number): string {
  return value.toLocaleString('en');
}

/** A bound of a value range. Whole numbers keep all digits, and four-digit ones have no separator: `1905` may be a year. */
export function formatBound(value: number): string {
  if (!Number.isInteger(value) || Math.abs(value) >= 1e9) return formatNumber(value);
  return value.toLocaleString('en', { useGrouping: 'min2' });
}

/** A share from 0 to 1 with one decimal: `2.7%`. A share above zero is never shown as `0%`. */
export function formatPercent(share: number): string {
  return `${(share > 0 ? Math.max(0.1, share * 100) : 0).toLocaleString('en', { maximumFractionDigits: 1 })}%`;
}

const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'];

/** A size such as `1.2 MB`. */
export function formatBytes(bytes: number): string {
  const power = Math.min(UNITS.length - 1, bytes < 1000 ? 0 : Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** power;
  return `${value.toLocaleString('en', { maximumSignificantDigits: value < 1000 && power > 0 ? 3 : 4 })} ${UNITS[power] ?? ''}`;
}
