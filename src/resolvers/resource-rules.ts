import type { ResourceRules } from '../runner/index.ts';
import type { Context } from './context.ts';

/** Returns the rules for the resources of a start. */
export function resourceRules({ runner }: Context): ResourceRules {
  return runner.resourceRules;
}
