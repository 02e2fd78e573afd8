/** The names and newest values of `JobProgress.metrics`; null for a value that is not a finite number. */
export function metricEntries(metrics: unknown): (readonly [name: string, value: number | null])[] {
  return Object.entries((metrics ?? {}) as Record<string, number | null>);
}
