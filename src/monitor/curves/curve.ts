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
    const { steps, values } = next.get(name) ?? { steps: [], values: [] };
    const last = steps.at(-1) ?? -1;
    if (step <= last || value === values.at(-1)) continue;
    next.set(name, { steps: [...steps, step], values: [...values, value] });
  }
  return next;
}

/** `detail` within its range and, behind its last step, what `curves` knows. */
export function withDetail(curves: Curves, detail: Curves, { from, to }: StepRange): Curves {
  return new Map(
    [...curves].map(([name, whole]) => {
      const fine = detail.get(name) ?? { steps: [], values: [] };
      const behind = fine.steps.at(-1) ?? from - 1;
      const rest = whole.steps.findIndex((step) => step > behind);
      const until = whole.steps.findLastIndex((step) => step <= to) + 1;
      if (rest === -1 || until <= rest) return [name, fine];
      return [
        name,
        {
          steps: [...fine.steps, ...whole.steps.slice(rest, until)],
          values: [...fine.values, ...whole.values.slice(rest, until)],
        },
      ];
    }),
  );
}

/** The most points that any of the curves has. */
export function longest(curves: Curves): number {
  return Math.max(0, ...[...curves.values()].map(({ steps }) => steps.length));
}
