import type { Runner } from '../runner/index.ts';

/**
 * What every operation works with. Made once an operation, and a subscription is one operation however long it lives: nothing
 * in here may go stale.
 */
export interface Context {
  readonly runner: Runner;
}
