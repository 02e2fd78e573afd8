import type { StatusFile } from '../reports/status-file.ts';
import { higherIsBetter } from '../history/metrics.ts';
import type { BestValue } from './job.ts';

/** Of a job whose names of metrics change all the time, those that came first have a best value. */
const MAX_BEST = 1000;

/**
 * The best value of each metric, with what a status file adds to those known `before`. As in the history, what an attempt does again
 * takes the place of what an earlier one did: of values from its first report's step on, only its own count.
 */
export function bestOf(before: Readonly<Record<string, BestValue>>, file: StatusFile): Record<string, BestValue> {
  const { first_step: from } = file;
  const best = new Map(Object.entries(before).filter(([, { step }]) => from === null || step < from));
  for (const [name, value] of reported(file)) {
    const known = best.get(name);
    if (!known && best.size >= MAX_BEST) continue;
    if (!known || (higherIsBetter(name) ? value.value > known.value : value.value < known.value)) best.set(name, value);
  }
  return Object.fromEntries(best);
}

/** What the file tells of each metric. A trainer of another kind may not keep extremes: then its newest values have to do. */
function reported(file: StatusFile): [name: string, value: BestValue][] {
  const extremes = Object.entries(file.extremes).map(([name, { min, max }]): [string, BestValue] => [
    name,
    higherIsBetter(name) ? max : min,
  ]);
  if (extremes.length > 0) return extremes;
  return Object.entries(file.metrics).flatMap(([name, value]): [string, BestValue][] =>
    value === null ? [] : [[name, { value, step: file.step, at: file.updated_at }]],
  );
}
