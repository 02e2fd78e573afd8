import type uPlot from 'uplot';
import { formatCount, formatNumber } from '../format/numbers.ts';
import type { ChartLine } from './chart-line.ts';
import { resolveColor } from './colors.ts';
import type { StepRange } from './curve.ts';

const LOGARITHMIC: uPlot.Scale = {
  // eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- uPlot's enum for it exists in its types only
  distr: 3,
  // Close to the values: whole powers of ten would leave most of the chart empty.
  range: (_plot, min, max) => [min * 0.9, max * 1.1],
};

const FONT = '12px system-ui, "DejaVu Sans", sans-serif';

/** uPlot options that draw `lines` into `element` in the colours of the current theme. */
export function chartOptions(
  element: HTMLElement,
  lines: readonly ChartLine[],
  {
    isLog,
    onZoom,
    onCursor,
    markedStep,
  }: {
    isLog: boolean;
    onZoom: (range: StepRange) => void;
    /** Called with the data index under the pointer; null when the pointer leaves the chart. */
    onCursor: (index: number | null) => void;
    /** The step to mark with a vertical line; null for none. */
    markedStep: () => number | null;
  },
): uPlot.Options {
  const color = (value: string) => resolveColor(element, value);
  const axis: uPlot.Axis = {
    font: FONT,
    stroke: color('var(--ink-soft)'),
    grid: { stroke: color('var(--line)'), width: 1 },
    ticks: { show: false },
  };
  return {
    width: element.clientWidth,
    height: element.clientHeight,
    legend: { show: false },
    scales: {
      x: { time: false, auto: false },
      y: isLog ? LOGARITHMIC : {},
    },
    axes: [
      {
        ...axis,
        size: 28,
        values: (_plot, splits) => splits.map((step) => (Number.isInteger(step) ? shortCount(step) : '')),
      },
      {
        ...axis,
        size: 64,
        values: (_plot, splits) => splits.map((value: number | null) => (value === null ? '' : formatNumber(value))),
      },
    ],
    series: [
      {},
      ...lines.map(({ label, color: stroke, isDashed }): uPlot.Series => ({
        label,
        stroke: color(stroke),
        width: 1.75,
        spanGaps: true,
        points: { show: (plot, index) => hasFewPoints(plot.data[index]) },
        ...(isDashed && { dash: [6, 4] }),
      })),
    ],
    cursor: { y: false, drag: { x: true, y: false, setScale: false }, points: { size: 7 } },
    hooks: {
      setSelect: [
        (plot) => {
          const { left, width } = plot.select;
          if (width < 4) return;
          const [from, to] = [plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x')];
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          onZoom({ from: Math.max(0, Math.floor(from)), to: Math.ceil(to) });
        },
      ],
      draw: [(plot) => drawMark(plot, markedStep(), color('var(--ink-soft)'))],
      setCursor: [(plot) => onCursor(plot.cursor.idx ?? null)],
    },
  };
}

function drawMark(plot: uPlot, step: number | null, color: string): void {
  if (step === null) return;
  const { ctx, bbox } = plot;
  const x = Math.round(plot.valToPos(step, 'x', true));
  if (x < bbox.left || x > bbox.left + bbox.width) return;
  ctx.save();
  ctx.strokeStyle = color;
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([2 * devicePixelRatio, 4 * devicePixelRatio]);
  ctx.beginPath();
  ctx.moveTo(x, bbox.top);
  ctx.lineTo(x, bbox.top + bbox.height);
  ctx.stroke();
  ctx.restore();
}

/** Whether to draw markers: a line through one or two points is hardly visible. */
function hasFewPoints(values: uPlot.AlignedData[number] | undefined): boolean {
  let count = 0;
  for (const value of values ?? []) if (value != null && ++count > 30) return false;
  return true;
}

/** `1,500`, `20k`, `3M`. */
function shortCount(count: number): string {
  if (count >= 1e6) return `${formatNumber(count / 1e6)}M`;
  return count >= 10_000 ? `${formatNumber(count / 1000)}k` : formatCount(count);
}
