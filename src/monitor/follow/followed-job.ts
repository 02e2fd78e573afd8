import type { Curves } from '../curves/curve.ts';
import type { JobDetailFragment } from '../graphql/graphql.ts';

/** A job with the current curves of the metrics that are drawn. */
export interface FollowedJob {
  readonly job: JobDetailFragment;
  /** All its metrics. The same set until there is a new name. */
  readonly names: ReadonlySet<string>;
  /** Curves of drawn metrics, as far as they are loaded. */
  readonly curves: Curves;
}

/** The drawn ones of these curves. */
export function keepDrawn(drawn: ReadonlySet<string>, curves: Curves): Curves {
  return new Map([...curves].filter(([name]) => drawn.has(name)));
}

/** These names and new ones. The same set if none is new. */
export function addNames(names: ReadonlySet<string>, others: readonly string[]): ReadonlySet<string> {
  return others.every((name) => names.has(name)) ? names : new Set([...names, ...others]);
}
