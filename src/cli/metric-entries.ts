/** The names and newest values of `JobProgress.metrics`; null where a value was not a finite number. */
export function metricsOf(metrics: unknown): (readonly [name: string, value: number | null])[] {
  return Object.entries((metrics ?? {}) as Record<string, number | null>);
}
