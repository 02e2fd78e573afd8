import asciichart from 'asciichart';
import { formatMetric } from '../terminal/format.ts';
import type { Screen, Style } from '../terminal/screen.ts';
import { isSystem, nonFiniteText, type Series } from './series.ts';

const HEIGHT = 10;
const LABEL_WIDTH = 10;
const STYLES = ['cyan', 'yellow', 'green'] as const satisfies readonly Style[];

/**
 * Renders a chart of metrics over steps, or over seconds if steps go back: a legend with the newest and best values, then the curves.
 * @param logarithmic uses a logarithmic value axis, without values that are not above 0
 */
export function renderChart(
  all: readonly Series[],
  screen: Screen,
  { logarithmic }: { logarithmic: boolean },
): string[] {
  const byTime = all.some(({ stepsGoBack }) => stepsGoBack);
  const start = byTime
    ? Math.min(...all.flatMap(({ points: [point] }) => (point ? [Date.parse(point.at)] : [])))
    : null;
  const series = all
    .map((one) => ({ ...one, points: finitePoints(one, logarithmic, start) }))
    .filter(({ points }) => points.length > 0);
  if (series.length === 0) return [`${all.map(({ name }) => name).join(', ')}: no values to plot`];
  const [first, last] = range(series.flatMap(({ points }) => points.map(([place]) => place)));
  const width = Math.max(10, Math.min(screen.columns, 120) - LABEL_WIDTH - 4);
  const curves = series.map(({ points }) => resample(points, first, last, width));
  const chart = asciichart.plot(curves, {
    height: HEIGHT,
    format: (value) => formatMetric(logarithmic ? 10 ** value : value).padStart(LABEL_WIDTH),
    ...(screen.colours ? { colors: STYLES.map((style) => asciichart[style]) } : {}),
    ...valueRange(curves),
  });
  return [
    series.map((one, index) => legend(one, index, screen, series.length > 1)).join('   '),
    ...chart.split('\n').map((line) => line.trimEnd()),
    screen.style(
      'dim',
      byTime ? axis(first, `${last.toFixed(1)} s`, width, 'time') : axis(first, String(last), width, 'step'),
    ),
  ];
}

/** Plotted steps (or seconds) and values, in ascending order of steps. */
type Points = readonly (readonly [place: number, value: number])[];

/** @param start plots seconds since this time, Unix ms, instead of steps */
function finitePoints({ points }: Series, logarithmic: boolean, start: number | null): Points {
  const places = points.flatMap(({ step, at, value }) => {
    if (value === null || (logarithmic && value <= 0)) return [];
    const place = start === null ? step : (Date.parse(at) - start) / 1000;
    return [[place, logarithmic ? Math.log10(value) : value] as const];
  });
  // A history that was read in several ranges of steps is not in the order of time.
  return start === null ? places : places.sort(([a], [b]) => a - b);
}

/** The lowest and the highest value. Not `Math.min(...)`: a long history has more values than a call can have arguments. */
function range(values: readonly number[]): [lowest: number, highest: number] {
  return [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
}

/** One value for each column, interpolated linearly between the points. */
function resample(points: Points, first: number, last: number, width: number): number[] {
  let next = 0;
  return Array.from({ length: width }, (_, column) => {
    const step = first + ((last - first) * column) / (width - 1);
    while (next < points.length - 1 && (points[next]?.[0] ?? 0) < step) next += 1;
    const [step1, value1] = points[next] ?? [0, 0];
    const [step0, value0] = points[next - 1] ?? [step1, value1];
    if (step >= step1 || step1 === step0) return value1;
    return step <= step0 ? value0 : value0 + ((value1 - value0) * (step - step0)) / (step1 - step0);
  });
}

/** asciichart needs an explicit range for a constant curve. */
function valueRange(curves: readonly (readonly number[])[]): { min?: number; max?: number } {
  const values = curves.flat();
  const [min, max] = [Math.min(...values), Math.max(...values)];
  if (max > min) return {};
  const margin = Math.abs(min) * 0.1 || 1;
  return { min: min - margin, max: max + margin };
}

function legend(
  { name, latest, best }: Pick<Series, 'name' | 'latest' | 'best'>,
  index: number,
  screen: Screen,
  marked: boolean,
): string {
  const style = STYLES[index % STYLES.length] ?? 'cyan';
  const mark = marked ? `${screen.style(style, '──')} ` : '';
  const bestText =
    best === null || isSystem({ name })
      ? ''
      : screen.style('dim', ` (best ${formatMetric(best.value)} at step ${best.step})`);
  const latestText = formatMetric(latest?.value ?? nonFiniteText(latest?.nonFinite ?? null));
  return `${mark}${screen.style('bold', name)} ${latestText}${bestText}`;
}

function axis(first: number, right: string, width: number, unit: string): string {
  const left = `${unit} ${first}`;
  return `${' '.repeat(LABEL_WIDTH + 1)}${left}${' '.repeat(Math.max(1, width - left.length - right.length + 1))}${right}`;
}
