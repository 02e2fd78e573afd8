/** The names and newest values of `JobProgress.metrics`; a text such as "NaN" for a value that is not a finite number. */
export function metricEntries(metrics: unknown): (readonly [name: string, value: number | string | null])[] {
  return Object.entries((metrics ?? {}) as Record<string, number | string | null>);
}
