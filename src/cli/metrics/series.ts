import type { ReadMetricsQuery } from '../graphql/graphql.ts';

/** The history of one metric. */
export type Series = NonNullable<ReadMetricsQuery['job']>['metrics'][number];

/** Metrics that belong into one chart: `val_loss` goes with `loss`. */
export function groupSeries(all: readonly Series[]): readonly (readonly Series[])[] {
  const groups = Map.groupBy(all, ({ name }) => name.replace(/^(val|train|test)_/, ''));
  return [...groups.values()];
}
