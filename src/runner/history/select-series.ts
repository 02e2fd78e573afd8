import type { MetricPoint, MetricQuery, MetricSeries } from './history.ts';
import { type Goal, goalOf } from '../job/metric-direction.ts';
import { nonFiniteOf } from '../job/metric-number.ts';
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
    const within = column.stepsGoBack ? pointsWithin(column, query) : column;
    const from = query.fromStep == null || within !== column ? 0 : indexOfStep(column, query.fromStep);
    const to = query.toStep == null || within !== column ? within.length : indexOfStep(column, query.toStep + 1);
    if (from < to) series.push(summarise(within, from, to, query));
  }
  return series;
}

/** The point at `index`. */
export function pointAt({ steps, times, values }: PointColumns, index: number): MetricPoint {
  const value = values[index] as number;
  const nonFinite = nonFiniteOf(value);
  const place = { step: steps[index] as number, at: times[index] as number };
  return nonFinite === null ? { ...place, value } : { ...place, value: null, nonFinite };
}

/** A column with the points of the range only, for steps that go back: a search needs them in order. */
function pointsWithin(column: Column, { fromStep, toStep }: MetricQuery): Column {
  if (fromStep == null && toStep == null) return column;
  const indices: number[] = [];
  for (let index = 0; index < column.length; index += 1) {
    const step = column.steps[index] as number;
    if (step >= (fromStep ?? 0) && step <= (toStep ?? Infinity)) indices.push(index);
  }
  return { ...column, ...picked(column, indices), length: indices.length };
}

function summarise(column: Column, from: number, to: number, { maxPoints, limit, goals }: MetricQuery): SeriesColumns {
  const totalPoints = to - from;
  const sampled = maxPoints != null && maxPoints < totalPoints;
  const goal = goalOf(column.name, goals);
  const best = indexOfBest(column, from, to, goal);
  let points: PointColumns | null = null;
  if (limit == null || (sampled ? maxPoints : totalPoints) <= limit) {
    points = sampled ? picked(column, downsample(column.values, from, to, maxPoints)) : sliced(column, from, to);
  }
  return {
    name: column.name,
    points,
    totalPoints,
    sampled,
    stepsGoBack: column.stepsGoBack,
    goal,
    latest: pointAt(column, to - 1),
    best: best === -1 ? null : pointAt(column, best),
  };
}

/** The index of the first point with the best value; -1 if no value is finite. */
function indexOfBest({ values }: Column, from: number, to: number, goal: Goal): number {
  const sign = goal === 'MAX' ? -1 : 1;
  let lowest = Infinity;
  let best = -1;
  for (let index = from; index < to; index += 1) {
    const height = sign * (values[index] as number);
    // A comparison with NaN is false, so NaN is never the best; neither is infinity.
    if (height < lowest && height > -Infinity) {
      lowest = height;
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
