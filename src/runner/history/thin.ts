import type { MetricPoint } from '../runner.ts';

/**
 * Keeps at most about `maxPoints` of `points`: the first, the last, and of each stretch between the lowest and the highest, so
 * that no spike is lost (min/max decimation). The order stays.
 */
export function thin(points: readonly MetricPoint[], maxPoints: number): readonly MetricPoint[] {
  if (points.length <= maxPoints) return points;
  const stretches = Math.max(1, Math.floor((maxPoints - 2) / 2));
  const kept = new Set([0, points.length - 1]);
  for (let stretch = 0; stretch < stretches && maxPoints > 2; stretch += 1) {
    const from = Math.floor((stretch * points.length) / stretches);
    const to = Math.floor(((stretch + 1) * points.length) / stretches);
    let low = from;
    let high = from;
    for (let index = from; index < to; index += 1) {
      if (valueAt(points, index) < valueAt(points, low)) low = index;
      if (valueAt(points, index) > valueAt(points, high)) high = index;
    }
    kept.add(low).add(high);
  }
  return [...kept].sort((a, b) => a - b).map((index) => points[index] as MetricPoint);
}

// NaN and infinity are kept as spikes: they are what somebody looks for in a curve.
function valueAt(points: readonly MetricPoint[], index: number): number {
  return points[index]?.value ?? Infinity;
}
