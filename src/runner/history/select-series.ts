import type { MetricPoint, MetricQuery, MetricSeries } from './history.ts';
import { higherIsBetter } from '../job/metric-direction.ts';
import { visibleLine } from '../job/visible-text.ts';
import { type Column, indexOfStep, type MetricColumns } from './metric-columns.ts';
import { downsample } from './downsample.ts';

/** Points as separate columns, which can be transferred to another thread without a copy. */
export type PointColumns = Readonly<Record<'steps' | 'times' | 'values', Float64Array<ArrayBuffer>>>;

/** A {@link MetricSeries} as it passes between threads. */
export type SeriesColumns = Omit<MetricSeries, 'points'> & { readonly points: PointColumns | null };

/** Answers a query on a job's metrics: one series for each name that has points in the range. */
export function selectSeries(columns: MetricColumns, query: MetricQuery): SeriesColumns[] {
  const names = query.names ? new Set(query.names.map(visibleLine)) : undefined;
  const series: SeriesColumns[] = [];
  for (const column of columns.all) {
    if (names && !names.has(column.name)) continue;
    const from = query.fromStep == null ? 0 : indexOfStep(column, query.fromStep);
    const to = query.toStep == null ? column.length : indexOfStep(column, query.toStep + 1);
    if (from < to) series.push(summarise(column, from, to, query));
  }
  return series;
}

/** The point at `index`. */
export function pointAt({ steps, times, values }: PointColumns, index: number): MetricPoint {
  const value = values[index] as number;
  return { step: steps[index] as number, value: Number.isNaN(value) ? null : value, at: times[index] as number };
}

function summarise(column: Column, from: number, to: number, { maxPoints, limit }: MetricQuery): SeriesColumns {
  const totalPoints = to - from;
  const sampled = maxPoints != null && maxPoints < totalPoints;
  const best = indexOfBest(column, from, to);
  let points: PointColumns | null = null;
  if (limit == null || (sampled ? maxPoints : totalPoints) <= limit) {
    points = sampled ? picked(column, downsample(column.values, from, to, maxPoints)) : sliced(column, from, to);
  }
  return {
    name: column.name,
    points,
    totalPoints,
    sampled,
    latest: pointAt(column, to - 1),
    best: best === -1 ? null : pointAt(column, best),
  };
}

/** The index of the first point with the best value; -1 if no value is finite. */
function indexOfBest({ name, values }: Column, from: number, to: number): number {
  const sign = higherIsBetter(name) ? -1 : 1;
  let lowest = Infinity;
  let best = -1;
  for (let index = from; index < to; index += 1) {
    // A comparison with NaN is false, so NaN is never the best.
    if (sign * (values[index] as number) < lowest) {
      lowest = sign * (values[index] as number);
      best = index;
    }
  }
  return best;
}

function sliced({ steps, times, values }: Column, from: number, to: number): PointColumns {
  return { steps: steps.slice(from, to), times: times.slice(from, to), values: values.slice(from, to) };
}

function picked({ steps, times, values }: Column, indices: readonly number[]): PointColumns {
  const pick = (column: Float64Array) => Float64Array.from(indices, (index) => column[index] as number);
  return { steps: pick(steps), times: pick(times), values: pick(values) };
}
