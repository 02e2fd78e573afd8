import type { Job, Runner } from '../../src/runner/index.ts';
import { reach as reachSoon } from '../support/runner.ts';
import { until as untilSoon } from '../support/until.ts';

/** Bound of each wait in tests of a cluster, seconds: on a busy machine, the processes of two nodes take a minute to import PyTorch. */
const SECONDS = 240;

/** {@link untilSoon} with a longer bound. */
export function until<Value>(what: string, condition: () => Value | Promise<Value>) {
  return untilSoon(what, condition, SECONDS);
}

/** {@link reachSoon} with a longer bound. */
export function reach(runner: Runner, id: string, what: (job: Job) => boolean): Promise<Job> {
  return reachSoon(runner, id, what, SECONDS);
}
