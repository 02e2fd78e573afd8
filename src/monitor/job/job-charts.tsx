import { useMemo } from 'react';
import type { ChartLine } from '../curves/chart-line.ts';
import { ChartSections } from '../curves/chart-sections.tsx';
import { curveColor } from '../curves/colors.ts';
import type { Curves, StepRange } from '../curves/curve.ts';
import type { CurveSettings } from '../curves/curve-settings.tsx';
import { groupMetrics, type MetricGroup } from '../curves/metric-groups.ts';
import type { Mark } from '../curves/mark.ts';
import type { FollowedJobs } from '../follow/followed-jobs.ts';
import type { JobStatus } from '../graphql/graphql.ts';

/** A chart for each metric of a job: training and validation. */
export function JobCharts({
  names,
  curves,
  status,
  mark,
  settings,
  onZoom,
  draw,
}: {
  names: ReadonlySet<string>;
  curves: Curves;
  status: JobStatus;
  /** The step of the chosen model. */
  mark: Mark | null;
  settings: CurveSettings;
  onZoom: (range: StepRange) => void;
} & Pick<FollowedJobs, 'draw'>) {
  const groups = useMemo(() => groupMetrics(names), [names]);
  // The same object as long as it says the same, so that charts without new points do not render again.
  const stableMark = useMemo(() => mark, [mark?.step, mark?.label]);
  if (groups.length === 0) {
    return (
      <div className="card job-no-curves">
        <p>{emptyText(status)}</p>
      </div>
    );
  }
  return (
    <ChartSections
      groups={groups}
      linesOf={(group) => toLines(group, curves)}
      settings={settings}
      mark={stableMark}
      onZoom={onZoom}
      onDraw={draw}
    />
  );
}

function emptyText(status: JobStatus): string {
  switch (status) {
    case 'ERROR':
      return 'No curves: the job failed before training began.';
    case 'STOPPED':
    case 'COMPLETED':
      return 'No curves: the job ended before training began.';
    default:
      return 'Curves appear after the first step.';
  }
}

function toLines({ title, training, validation }: MetricGroup, curves: Curves): ChartLine[] {
  const isPair = training !== null && validation !== null;
  const line = (name: string | null, label: string, color: number): ChartLine[] => {
    const curve = name === null ? undefined : curves.get(name);
    return curve ? [{ label, color: curveColor(color), isDashed: color === 1, curve }] : [];
  };
  return [...line(training, isPair ? 'Training' : title, 0), ...line(validation, 'Validation', 1)];
}
