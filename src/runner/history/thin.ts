/**
 * Picks at most `maxPoints` (1 or more) of the values from `from` to `to` (not included): the first, the last, and of each stretch
 * between the lowest and the highest, so that no spike is lost (min/max decimation).
 * @param values NaN where there is no finite number: kept as a spike, for it is what somebody looks for in a curve
 * @returns their indices, ascending
 */
export function thin(values: Float64Array, from: number, to: number, maxPoints: number): readonly number[] {
  const count = to - from;
  if (count <= maxPoints) return Array.from({ length: count }, (_, index) => from + index);
  if (maxPoints === 1) return [to - 1];
  const kept = [from];
  const stretches = Math.floor((maxPoints - 2) / 2);
  for (let stretch = 0; stretch < stretches; stretch += 1) {
    const begin = from + Math.floor((stretch * count) / stretches);
    const end = from + Math.floor(((stretch + 1) * count) / stretches);
    let low = begin;
    let high = begin;
    let lowest = Infinity;
    let highest = -Infinity;
    for (let index = begin; index < end; index += 1) {
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
