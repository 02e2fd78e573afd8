import { memo, useEffect } from 'react';
import { Chart } from './chart.tsx';
import type { ChartLine } from './chart-line.ts';
import type { StepRange } from './curve.ts';
import type { CurveSettings } from './curve-settings.tsx';
import type { Mark } from './mark.ts';
import type { ChartGroup } from './metric-groups.ts';
import { type Nearness, useIsNear } from './nearness.ts';

interface Properties {
  readonly group: ChartGroup;
  /** Empty until the curves are loaded. */
  readonly lines: readonly ChartLine[];
  readonly settings: CurveSettings;
  readonly mark?: Mark | null | undefined;
  readonly nearness: Nearness;
  readonly onZoom: (range: StepRange) => void;
  /** Called with the names of the metrics to load. The returned function ends it. */
  readonly onDraw: (names: readonly string[]) => () => void;
}

/** A chart that is drawn, and whose curves are loaded, only while it is near the visible part of the page. */
export const LazyChart = memo(function LazyChart({
  group,
  lines,
  settings,
  mark,
  nearness,
  onZoom,
  onDraw,
}: Properties) {
  const [element, isNear] = useIsNear<HTMLDivElement>(nearness);
  useEffect(() => (isNear ? onDraw(group.names) : undefined), [isNear, group, onDraw]);
  return (
    <div ref={element} className="chart-place">
      {isNear && lines.length > 0 ? (
        <Chart title={group.title} lines={lines} settings={settings} mark={mark} onZoom={onZoom} />
      ) : (
        <div className="card chart">
          <h2>{group.title}</h2>
        </div>
      )}
    </div>
  );
}, isSame);

/** Most updates of a job change few curves: only their charts render again. */
function isSame({ lines: before, ...others }: Properties, { lines, ...next }: Properties): boolean {
  return (
    Object.entries(others).every(([name, value]) => Object.is(value, next[name as keyof typeof next])) &&
    lines.length === before.length &&
    lines.every(
      ({ label, color, curve }, index) =>
        label === before[index]?.label && color === before[index].color && curve === before[index].curve,
    )
  );
}
