import type { ReadMetricsQuery } from '../graphql/graphql.ts';

/** The history of one metric. */
export type Series = NonNullable<ReadMetricsQuery['job']>['metrics'][number];

/** Groups metrics into charts: with colours, `val_loss` shares a chart with `loss`. */
export function groupSeries(all: readonly Series[], colours: boolean): readonly (readonly Series[])[] {
  if (!colours) return all.map((one) => [one]);
  const groups = Map.groupBy(all, ({ name }) => name.replace(/^(val|train|test)_/, ''));
  return [...groups.values()];
}
