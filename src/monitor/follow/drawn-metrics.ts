/** Time in which charts that come into view together are collected, ms. */
const COLLECT_MS = 30;

/** The metrics whose charts are drawn at the moment. */
export interface DrawnMetrics {
  /** A new set after each change. */
  get(): ReadonlySet<string>;
  /** Adds the metrics of a chart. Returns a function that removes them. */
  add(names: readonly string[]): () => void;
  /** Cancels a pending call of the listener. */
  clear(): void;
}

/** Counts the charts of each metric. Calls `onChange` once for all charts that come into view, or leave it, at about the same time. */
export function createDrawnMetrics(onChange: () => void): DrawnMetrics {
  const charts = new Map<string, number>();
  let drawn: ReadonlySet<string> = new Set();
  let timer: number | undefined;

  function update(): void {
    timer = undefined;
    const next = new Set(charts.keys());
    if (next.size === drawn.size && [...next].every((name) => drawn.has(name))) return;
    drawn = next;
    onChange();
  }

  function count(names: readonly string[], change: 1 | -1): void {
    for (const name of names) {
      const number = (charts.get(name) ?? 0) + change;
      if (number > 0) charts.set(name, number);
      else charts.delete(name);
    }
    timer ??= window.setTimeout(update, COLLECT_MS);
  }

  return {
    get: () => drawn,
    add(names) {
      count(names, 1);
      return () => count(names, -1);
    },
    clear() {
      window.clearTimeout(timer);
      timer = undefined;
    },
  };
}
