import { higherIsBetter } from './metric-direction.ts';
import type { StatusReport } from './reports.ts';
import type { BestValue } from './types.ts';

/** Of a job whose names of metrics change all the time, those that came first have a best value. */
const MAX_BEST = 1000;

/**
 * The best value of each metric: those known `before`, updated with a status report. As in the history, a later attempt replaces what
 * an earlier one reported for the same steps: from the step of its first report on, only its own values count.
 */
export function bestValues(
  before: Readonly<Record<string, BestValue>>,
  report: StatusReport,
): Record<string, BestValue> {
  const { firstStep } = report;
  const best = new Map(Object.entries(before).filter(([, { step }]) => firstStep === null || step < firstStep));
  for (const [name, value] of reportedBest(report)) {
    const known = best.get(name);
    if (!known && best.size >= MAX_BEST) continue;
    if (!known || (higherIsBetter(name) ? value.value > known.value : value.value < known.value)) best.set(name, value);
  }
  return Object.fromEntries(best);
}

/** The best value of each metric in this report. A trainer that does not track extremes only has its newest values. */
function reportedBest(report: StatusReport): [name: string, value: BestValue][] {
  const extremes = Object.entries(report.extremes).map(([name, { min, max }]): [string, BestValue] => [
    name,
    higherIsBetter(name) ? max : min,
  ]);
  if (extremes.length > 0) return extremes;
  return Object.entries(report.metrics).flatMap(([name, value]): [string, BestValue][] =>
    value === null ? [] : [[name, { value, step: report.step, at: report.updatedAt }]],
  );
}
