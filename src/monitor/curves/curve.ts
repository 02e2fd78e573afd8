import type { CurvePointsFragment, NonFinite } from '../graphql/graphql.ts';

/** One metric of one job: values in the order of their reports, which is that of their steps unless these go back. */
export interface Curve {
  readonly steps: readonly number[];
  /** Unix ms. */
  readonly times: readonly number[];
  /** Null for a value that is not a finite number. */
  readonly values: readonly (number | null)[];
  /** `NaN`, `∞` or `-∞` where the value is not a finite number, otherwise null. */
  readonly texts: readonly (string | null)[];
  /** Whether steps decrease within an attempt: such a curve is drawn over time. */
  readonly stepsGoBack: boolean;
}

/** The curves of a job by metric name. */
export type Curves = ReadonlyMap<string, Curve>;

/** Newest values by metric name, as `JobProgress.metrics` has them. */
export type Metrics = Readonly<Record<string, number | string | null>>;

/** A range of steps, both ends inclusive. */
export interface StepRange {
  readonly from: number;
  readonly to: number;
}

const TEXTS: Readonly<Record<NonFinite, string>> = { NAN: 'NaN', POSITIVE_INFINITY: '∞', NEGATIVE_INFINITY: '-∞' };

/** A curve without points. */
export const EMPTY_CURVE: Curve = { steps: [], times: [], values: [], texts: [], stepsGoBack: false };

/** Converts the metric history of the API to curves. */
export function toCurves(series: readonly CurvePointsFragment[]): Curves {
  return new Map(
    series.map(({ name, points, stepsGoBack }) => [
      name,
      {
        steps: points.map(({ step }) => step),
        times: points.map(({ at }) => Date.parse(at)),
        values: points.map(({ value }) => value),
        texts: points.map(({ nonFinite }) => nonFinite && TEXTS[nonFinite]),
        stepsGoBack,
      },
    ]),
  );
}

/** A value of `JobProgress.metrics` as text, if it is not a finite number; otherwise null. */
export function nonFiniteText(value: number | string | null | undefined): string | null {
  return typeof value === 'string' ? value.replace('Infinity', '∞') : null;
}

/** A progress report. */
export interface Report {
  /** The highest step so far: it stays the same when the steps of the job go back. */
  readonly step: number;
  /** Unix ms. */
  readonly time: number;
  /** The newest value of every metric. */
  readonly metrics: Metrics;
}

/**
 * Appends a progress report to these curves; other metrics in the report are ignored. A value that has not changed most likely was not
 * measured again: validation, for example, runs only at the end of an epoch.
 */
export function appendReport(curves: Curves, report: Report): Curves {
  const next = new Map(curves);
  for (const [name, curve] of curves) {
    const point = newPoint(name, curve, report);
    const isLater = curve.stepsGoBack
      ? report.time > (curve.times.at(-1) ?? 0)
      : report.step > (curve.steps.at(-1) ?? -1);
    if (point && isLater) next.set(name, join(curve, point));
  }
  return next;
}

/** Whether a report has new values of curves that only the history can place: those whose steps have gone back. */
export function needsHistory(curves: Curves, report: Report): boolean {
  return [...curves].some(([name, curve]) => {
    const isBehind = report.time > (curve.times.at(-1) ?? Infinity) && report.step <= (curve.steps.at(-1) ?? -1);
    return (curve.stepsGoBack || isBehind) && newPoint(name, curve, report) !== null;
  });
}

/** The value of a report as a curve of one point; null if the report has none, or the last one of the curve. */
function newPoint(name: string, curve: Curve, { step, time, metrics }: Report): Curve | null {
  const reported = metrics[name];
  if (reported === undefined) return null;
  const [value, text] = [typeof reported === 'number' ? reported : null, nonFiniteText(reported)];
  const isSame = curve.values.length > 0 && value === curve.values.at(-1) && text === curve.texts.at(-1);
  return isSame ? null : { ...curve, steps: [step], times: [time], values: [value], texts: [text] };
}

/** `history`, followed by the points of `live` behind the last point of each curve. */
export function concatenate(history: Curves, live: Curves): Curves {
  const names = new Set([...history.keys(), ...live.keys()]);
  return new Map(
    [...names].map((name) => {
      const past = history.get(name) ?? EMPTY_CURVE;
      const newer = live.get(name) ?? EMPTY_CURVE;
      const [place, last] = past.stepsGoBack
        ? [newer.times, past.times.at(-1) ?? -1]
        : [newer.steps, past.steps.at(-1) ?? -1];
      // A live point of a curve whose steps go back has the time of its status, a little after that of the report.
      const isKnown = (index: number) =>
        past.stepsGoBack && newer.values[index] === past.values.at(-1) && newer.texts[index] === past.texts.at(-1);
      const start = place.findIndex((at, index) => at > last && !isKnown(index));
      return [
        name,
        join(past, start === -1 ? { ...EMPTY_CURVE, stepsGoBack: newer.stepsGoBack } : slice(newer, start)),
      ];
    }),
  );
}

/** The part of each curve within a range. A curve whose steps go back has no such part, and stays whole. */
export function clip(curves: Curves, range: StepRange): Curves {
  return new Map([...curves].map(([name, curve]) => [name, clipCurve(curve, range)]));
}

/** The number of points of the longest curve. */
export function maxLength(curves: Curves): number {
  return Math.max(0, ...[...curves.values()].map(({ steps }) => steps.length));
}

function clipCurve(curve: Curve, { from, to }: StepRange): Curve {
  if (curve.stepsGoBack) return curve;
  const start = curve.steps.findIndex((step) => step >= from);
  if (start === -1) return EMPTY_CURVE;
  return slice(curve, start, curve.steps.findLastIndex((step) => step <= to) + 1);
}

function slice({ steps, times, values, texts, stepsGoBack }: Curve, start: number, end?: number): Curve {
  return {
    steps: steps.slice(start, end),
    times: times.slice(start, end),
    values: values.slice(start, end),
    texts: texts.slice(start, end),
    stepsGoBack,
  };
}

function join(first: Curve, second: Curve): Curve {
  return {
    steps: [...first.steps, ...second.steps],
    times: [...first.times, ...second.times],
    values: [...first.values, ...second.values],
    texts: [...first.texts, ...second.texts],
    stepsGoBack: first.stepsGoBack || second.stepsGoBack,
  };
}
