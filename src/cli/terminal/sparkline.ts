const BARS = '▁▂▃▄▅▆▇█';

/**
 * Renders a curve of at most `width` characters, scaled from the lowest value to the highest. Each character shows the mean of an equal share
 * of the values. Ignores values that are not finite.
 */
export function sparkline(values: readonly number[], width: number): string {
  const finite = values.filter(Number.isFinite);
  const columns = Math.min(width, finite.length);
  const means = Array.from({ length: columns }, (_, column) => {
    const part = finite.slice(
      Math.floor((column * finite.length) / columns),
      Math.floor(((column + 1) * finite.length) / columns),
    );
    return part.reduce((sum, value) => sum + value, 0) / part.length;
  });
  const lowest = Math.min(...means);
  const range = Math.max(...means) - lowest;
  return means
    .map((mean) => BARS[range > 0 ? Math.round(((mean - lowest) / range) * (BARS.length - 1)) : 0] ?? '')
    .join('');
}
