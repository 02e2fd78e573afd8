import { useEffect, useMemo, useRef, useState } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { formatCount, formatNumber } from '../format/numbers.ts';
import { useTheme } from '../theme/theme-context.tsx';
import type { ChartLine } from './chart-line.ts';
import { chartOptions } from './chart-options.ts';
import type { Mark } from './mark.ts';
import type { Curve, StepRange } from './curve.ts';
import type { CurveSettings } from './curve-settings.tsx';
import { smooth } from './smoothing.ts';
import './chart.css';

/** A line chart over steps, or over time if the steps of a line go back. Dragging over it zooms in. Its accessible name summarises the values. */
export function Chart({
  title,
  lines,
  settings,
  mark = null,
  onZoom,
}: {
  title: string;
  lines: readonly ChartLine[];
  settings: CurveSettings;
  /** The step of the chosen model. */
  mark?: Mark | null | undefined;
  onZoom: (range: StepRange) => void;
}) {
  const theme = useTheme();
  const holder = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(null);
  const [cursor, setCursor] = useState<number | null>(null);
  const { smoothing, isLog } = settings;
  const start = startOf(lines);
  const isOverTime = start !== null;
  // A range of steps does not apply to it.
  const range = isOverTime ? null : settings.range;
  const data = useMemo(() => alignedData(lines, smoothing, isLog, start), [lines, smoothing, isLog, start]);
  const markedStep = isOverTime ? null : (mark?.step ?? null);
  const newest = useRef({ data, range, markedStep, onZoom });
  newest.current = { data, range, markedStep, onZoom };
  // Different lines need a new plot; new points of the same lines do not.
  const lineKey = JSON.stringify(lines.map(({ label, color, isDashed }) => [label, color, isDashed]));

  useEffect(() => {
    const element = holder.current;
    if (!element) return;
    const options = chartOptions(element, lines, {
      isLog,
      onZoom: (zoomed) => {
        if (!isOverTime) newest.current.onZoom(zoomed);
      },
      onCursor: setCursor,
      markedStep: () => newest.current.markedStep,
    });
    const made = new uPlot(options, newest.current.data, element);
    plot.current = made;
    showRange(made, newest.current.range);
    const observer = new ResizeObserver(() =>
      made.setSize({ width: element.clientWidth, height: element.clientHeight }),
    );
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = null;
    };
    // `lineKey` stands for `lines`; the theme changes the colours of the canvas.
  }, [lineKey, isLog, isOverTime, theme]);

  useEffect(() => {
    if (!plot.current) return;
    plot.current.setData(data, false);
    showRange(plot.current, range);
  }, [data, range]);
  useEffect(() => plot.current?.redraw(false), [markedStep]);

  const summary = lines.map((line) => `${line.label}: ${describe(line.curve)}`).join('. ');
  return (
    <figure className="card chart">
      <figcaption>
        <h2>{title}</h2>
        <ul className="legend">
          {lines.map((line, index) => (
            <li key={line.label}>
              <svg viewBox="0 0 16 4" aria-hidden="true" style={{ color: line.color }}>
                <path d="M0 2h16" strokeDasharray={line.isDashed ? '4 3' : undefined} />
              </svg>
              {line.label} <span className="legend-value">{valueText(line.curve, data, index, cursor, start)}</span>
            </li>
          ))}
          {cursor === null && mark && !isOverTime && <li className="legend-step">┊ {mark.label}</li>}
          {cursor !== null && <li className="legend-step">{placeText(data[0][cursor] ?? 0, isOverTime)}</li>}
        </ul>
      </figcaption>
      <div
        ref={holder}
        className="chart-canvas"
        role="img"
        aria-label={`${title} over ${isOverTime ? 'time' : 'steps'}. ${summary}`}
      />
    </figure>
  );
}

/** When the first of these lines starts, Unix ms, if the chart is over time; otherwise null. */
function startOf(lines: readonly ChartLine[]): number | null {
  if (!lines.some(({ curve }) => curve.stepsGoBack)) return null;
  return Math.min(...lines.map(({ curve }) => curve.times[0] ?? Infinity));
}

/** Positions of the points of a curve on the horizontal axis: their steps, or the seconds since `start`. */
function placesOf({ steps, times }: Curve, start: number | null): readonly number[] {
  return start === null ? steps : times.map((time) => (time - start) / 1000);
}

function placeText(place: number, isOverTime: boolean): string {
  return isOverTime ? `${place.toFixed(1)} s` : `step ${formatCount(place)}`;
}

function alignedData(
  lines: readonly ChartLine[],
  smoothing: number,
  isLog: boolean,
  start: number | null,
): uPlot.AlignedData {
  const tables = lines.map(({ curve }): uPlot.AlignedData => {
    const values = smooth(curve.values, smoothing);
    // A logarithmic scale has no place for zero or negative values.
    return [
      [...placesOf(curve, start)],
      isLog ? values.map((value) => (value !== null && value > 0 ? value : null)) : [...values],
    ];
  });
  return tables.length === 0 ? [[]] : uPlot.join(tables);
}

/** Shows `range`, or all steps when it is null. */
function showRange(plot: uPlot, range: StepRange | null): void {
  const steps = plot.data[0];
  const min = range?.from ?? steps[0] ?? 0;
  const max = range?.to ?? steps.at(-1) ?? 1;
  plot.setScale('x', { min, max: Math.max(max, min + 1) });
}

/** The value of a line under the pointer, or its newest one. */
function valueText(
  curve: Curve,
  data: uPlot.AlignedData,
  index: number,
  cursor: number | null,
  start: number | null,
): string {
  const value = cursor === null ? curve.values.at(-1) : data[index + 1]?.[cursor];
  if (value != null) return formatNumber(value);
  const place = cursor === null ? -1 : placesOf(curve, start).indexOf(data[0][cursor] ?? NaN);
  return (cursor === null || place !== -1 ? curve.texts.at(place) : null) ?? '';
}

function describe(curve: Curve): string {
  const last = curve.texts.at(-1);
  const count = curve.texts.filter((text) => text !== null).length;
  const others = count === 0 ? '' : `; ${count} ${count === 1 ? 'value is' : 'values are'} not finite`;
  return `${describeFinite(curve)}${others}${last == null ? '' : `, the last one ${last}`}`;
}

function describeFinite({ steps, values }: Curve): string {
  const finite = values.filter((value) => value !== null);
  const [last] = finite.slice(-1);
  if (last === undefined) return values.length > 0 ? 'no finite values' : 'no values yet';
  const lowest = finite.reduce((a, b) => Math.min(a, b));
  const highest = finite.reduce((a, b) => Math.max(a, b));
  return `${formatNumber(last)} at step ${formatCount(steps.at(-1) ?? 0)}, from ${formatNumber(lowest)} to ${formatNumber(highest)}`;
}
