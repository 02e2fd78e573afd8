import type { CurvePointsFragment } from '../graphql/graphql.ts';

/** One metric of one job: values by step, ascending. Null is a value that was no finite number. */
export interface Curve {
  readonly steps: readonly number[];
  readonly values: readonly (number | null)[];
}

/** The curves of a job by the names of the metrics. */
export type Curves = ReadonlyMap<string, Curve>;

/** Steps from one to another, both inclusive. */
export interface StepRange {
  readonly from: number;
  readonly to: number;
}

/** The history that the API gave. */
export function curvesOf(series: readonly CurvePointsFragment[]): Curves {
  return new Map(
    series.map(({ name, points }) => [
      name,
      { steps: points.map(({ step }) => step), values: points.map(({ value }) => value) },
    ]),
  );
}

/**
 * The curves with what a job reports now. It tells the newest value of each metric: one that is as it was has most likely not been
 * measured again, as validation is only at the end of an epoch.
 */
export function withReport(curves: Curves, step: number, metrics: Readonly<Record<string, number | null>>): Curves {
  const next = new Map(curves);
  for (const [name, value] of Object.entries(metrics)) {
    const { steps, values } = next.get(name) ?? NO_POINTS;
    const last = steps.at(-1) ?? -1;
    if (step <= last || value === values.at(-1)) continue;
    next.set(name, { steps: [...steps, step], values: [...values, value] });
  }
  return next;
}

/** `history` and, behind the last step of each of its curves, what `live` has. */
export function continued(history: Curves, live: Curves): Curves {
  const names = new Set([...history.keys(), ...live.keys()]);
  return new Map(
    [...names].map((name) => {
      const past = history.get(name) ?? NO_POINTS;
      const rest = clipped(live.get(name) ?? NO_POINTS, { from: (past.steps.at(-1) ?? -1) + 1, to: Infinity });
      return [name, { steps: [...past.steps, ...rest.steps], values: [...past.values, ...rest.values] }];
    }),
  );
}

/** The part of each curve that lies within a range. */
export function within(curves: Curves, range: StepRange): Curves {
  return new Map([...curves].map(([name, curve]) => [name, clipped(curve, range)]));
}

const NO_POINTS: Curve = { steps: [], values: [] };

function clipped({ steps, values }: Curve, { from, to }: StepRange): Curve {
  const begin = steps.findIndex((step) => step >= from);
  if (begin === -1) return NO_POINTS;
  const end = steps.findLastIndex((step) => step <= to) + 1;
  return { steps: steps.slice(begin, end), values: values.slice(begin, end) };
}

/** The most points that any of the curves has. */
export function longest(curves: Curves): number {
  return Math.max(0, ...[...curves.values()].map(({ steps }) => steps.length));
}
