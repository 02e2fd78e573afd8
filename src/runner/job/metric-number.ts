/** A value of a metric that is not a finite number, as JSON files and the API's JSON scalars spell it. */
export type NonFiniteText = 'NaN' | 'Infinity' | '-Infinity';

/** A value of a metric. Null, in files of older versions, is NaN or infinite. */
export type MetricNumber = number | NonFiniteText | null;

/** The kind of a value that is not a finite number. */
export type NonFinite = 'NAN' | 'POSITIVE_INFINITY' | 'NEGATIVE_INFINITY';

export const NON_FINITE_TEXTS = ['NaN', 'Infinity', '-Infinity'] as const satisfies readonly NonFiniteText[];

/** The kind of `value` if it is not finite; otherwise null. */
export function nonFiniteOf(value: number): NonFinite | null {
  if (Number.isFinite(value)) return null;
  if (Number.isNaN(value)) return 'NAN';
  return value > 0 ? 'POSITIVE_INFINITY' : 'NEGATIVE_INFINITY';
}
