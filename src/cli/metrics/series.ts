import type { ReadMetricsQuery } from '../graphql/graphql.ts';

/** The history of one metric. */
export type Series = NonNullable<ReadMetricsQuery['job']>['metrics'][number];

/** Whether it measures the machine, such as `system/cpu_percent`, and not the training. */
export function isSystem({ name }: Pick<Series, 'name'>): boolean {
  return name.startsWith('system/');
}

/** A value that is not a finite number, as CSV files and charts show it; null for none. */
export function nonFiniteText(value: Series['points'][number]['nonFinite']): string | null {
  switch (value) {
    case null:
      return null;
    case 'NAN':
      return 'NaN';
    case 'POSITIVE_INFINITY':
      return 'Infinity';
    case 'NEGATIVE_INFINITY':
      return '-Infinity';
    default:
      return value satisfies never;
  }
}

/** Groups metrics into charts: with colours, `val_loss` shares a chart with `loss`. */
export function groupSeries(all: readonly Series[], colours: boolean): readonly (readonly Series[])[] {
  if (!colours) return all.map((one) => [one]);
  const groups = Map.groupBy(all, ({ name }) => name.replace(/^(val|train|test)_/, ''));
  return [...groups.values()];
}
