/**
 * Min/max decimation. Picks at most `maxPoints` (1 or more) of the values from `from` to `to` (not included): the first, the last, and
 * the lowest and the highest of each interval between them, so that spikes are kept.
 * @param values NaN is kept like a spike, because users search for it in a curve
 * @returns the indices, ascending
 */
export function downsample(values: Float64Array, from: number, to: number, maxPoints: number): readonly number[] {
  const count = to - from;
  if (count <= maxPoints) return Array.from({ length: count }, (_, index) => from + index);
  if (maxPoints === 1) return [to - 1];
  const kept = [from];
  const intervals = Math.floor((maxPoints - 2) / 2);
  for (let interval = 0; interval < intervals; interval += 1) {
    const start = from + Math.floor((interval * count) / intervals);
    const end = from + Math.floor(((interval + 1) * count) / intervals);
    let low = start;
    let high = start;
    let lowest = Infinity;
    let highest = -Infinity;
    for (let index = start; index < end; index += 1) {
      const value = values[index] as number;
      const height = Number.isNaN(value) ? Infinity : value;
      if (height < lowest) {
        lowest = height;
        low = index;
      }
      if (height > highest) {
        highest = height;
        high = index;
      }
    }
    keep(kept, Math.min(low, high));
    keep(kept, Math.max(low, high));
  }
  keep(kept, to - 1);
  return kept;
}

function keep(kept: number[], index: number): void {
  if (index > (kept.at(-1) as number)) kept.push(index);
}
