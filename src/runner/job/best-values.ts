import { type Goal, goalOf, type Goals } from './metric-direction.ts';
import type { StatusReport } from './reports.ts';
import type { BestValue } from './types.ts';

/** Maximum number of metrics with a best value. A job that generates names all the time has one for the first metrics only. */
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
    // A best value for another goal does not apply to this one.
    if (!known || known.goal !== value.goal) best.set(name, value);
    else if (bestGoal(name, value) === 'MAX' ? value.value > known.value : value.value < known.value)
      best.set(name, value);
  }
  return Object.fromEntries(best);
}

/** The best value of each metric in this report. A trainer that does not track extremes only has its newest values. */
function reportedBest(report: StatusReport): [name: string, value: BestValue][] {
  const { goals } = report;
  const extremes = Object.entries(report.extremes).map(([name, { min, max }]): [string, BestValue] => {
    return [name, { ...(goalOf(name, goals) === 'MAX' ? max : min), ...definedGoal(name, goals) }];
  });
  if (extremes.length > 0) return extremes;
  return Object.entries(report.metrics).flatMap(([name, value]): [string, BestValue][] =>
    typeof value === 'number'
      ? [[name, { value, step: report.step, at: report.updatedAt, ...definedGoal(name, goals) }]]
      : [],
  );
}

/** Whether this best value is the highest or the lowest one. */
export function bestGoal(name: string, { goal }: Pick<BestValue, 'goal'>): Goal {
  return goal ?? goalOf(name);
}

/** The goals of the metrics whose name does not say them. */
export function definedGoals(best: Readonly<Record<string, BestValue>>): Goals {
  return Object.fromEntries(Object.entries(best).flatMap(([name, { goal }]) => (goal ? [[name, goal]] : [])));
}

/** The goal of a metric if it is not the one that its name says. */
function definedGoal(name: string, goals: Goals): Pick<BestValue, 'goal'> {
  const goal = goalOf(name, goals);
  return goal === goalOf(name) ? {} : { goal };
}
