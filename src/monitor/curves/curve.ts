import type { CurvePointsFragment } from '../graphql/graphql.ts';

/** One metric of one job: values by step, ascending. Null stands for a value that is not a finite number. */
export interface Curve {
  readonly steps: readonly number[];
  readonly values: readonly (number | null)[];
}

/** The curves of a job by metric name. */
export type Curves = ReadonlyMap<string, Curve>;

/** A range of steps, both ends inclusive. */
export interface StepRange {
  readonly from: number;
  readonly to: number;
}

/** Converts the metric history of the API to curves. */
export function toCurves(series: readonly CurvePointsFragment[]): Curves {
  return new Map(
    series.map(({ name, points }) => [
      name,
      { steps: points.map(({ step }) => step), values: points.map(({ value }) => value) },
    ]),
  );
}

/**
 * Appends a progress report to the curves. A report has the newest value of every metric. A value that has not changed most likely was not
 * measured again: validation, for example, runs only at the end of an epoch.
 */
export function appendReport(curves: Curves, step: number, metrics: Readonly<Record<string, number | null>>): Curves {
  const next = new Map(curves);
  for (const [name, value] of Object.entries(metrics)) {
    const { steps, values } = next.get(name) ?? NO_POINTS;
    const last = steps.at(-1) ?? -1;
    if (step <= last || value === values.at(-1)) continue;
    next.set(name, { steps: [...steps, step], values: [...values, value] });
  }
  return next;
}

/** `history`, followed by the points of `live` behind the last step of each curve. */
export function concatenate(history: Curves, live: Curves): Curves {
  const names = new Set([...history.keys(), ...live.keys()]);
  return new Map(
    [...names].map((name) => {
      const past = history.get(name) ?? NO_POINTS;
      const rest = clipCurve(live.get(name) ?? NO_POINTS, { from: (past.steps.at(-1) ?? -1) + 1, to: Infinity });
      return [name, { steps: [...past.steps, ...rest.steps], values: [...past.values, ...rest.values] }];
    }),
  );
}

/** The part of each curve within a range. */
export function clip(curves: Curves, range: StepRange): Curves {
  return new Map([...curves].map(([name, curve]) => [name, clipCurve(curve, range)]));
}

const NO_POINTS: Curve = { steps: [], values: [] };

function clipCurve({ steps, values }: Curve, { from, to }: StepRange): Curve {
  const start = steps.findIndex((step) => step >= from);
  if (start === -1) return NO_POINTS;
  const end = steps.findLastIndex((step) => step <= to) + 1;
  return { steps: steps.slice(start, end), values: values.slice(start, end) };
}

/** The number of points of the longest curve. */
export function maxLength(curves: Curves): number {
  return Math.max(0, ...[...curves.values()].map(({ steps }) => steps.length));
}
