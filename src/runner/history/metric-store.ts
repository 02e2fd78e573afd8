import { createKeyedQueue } from '../keyed-queue.ts';
import type { MetricQuery } from './history.ts';
import { createMetricFile, type MetricFile } from './metric-file.ts';
import { selectSeries, type SeriesColumns } from './select-series.ts';

/** Answers queries about the metrics of many jobs. Keeps those that were queried most recently in memory. */
export interface MetricStore {
  /** @param path the metrics history of a job */
  read(path: string, query: MetricQuery): Promise<SeriesColumns[]>;
}

interface Entry {
  readonly file: MetricFile;
  /** Its share of the total, as of its last update. */
  bytes: number;
}

/** @param maxBytes memory to use between reads; the least recently used files are dropped first */
export function createMetricStore(maxBytes: number): MetricStore {
  // A Map keeps its insertion order, and each use inserts again: the first entry is the least recently used.
  const entries = new Map<string, Entry>();
  /** Two concurrent reads of one file would read the same lines twice. */
  const queue = createKeyedQueue();
  let bytes = 0;

  function use(path: string): Entry {
    const entry = entries.get(path) ?? { file: createMetricFile(path), bytes: 0 };
    entries.delete(path);
    entries.set(path, entry);
    return entry;
  }

  function count(path: string, entry: Entry): void {
    if (entries.get(path) !== entry) return; // Dropped meanwhile, to free memory.
    bytes += entry.file.columns.bytes - entry.bytes;
    entry.bytes = entry.file.columns.bytes;
    for (const [oldest, { bytes: freed }] of entries) {
      if (bytes <= maxBytes) return;
      entries.delete(oldest);
      bytes -= freed;
    }
  }

  return {
    read(path, query) {
      const entry = use(path);
      return queue.run(path, async () => {
        try {
          await entry.file.update();
          return selectSeries(entry.file.columns, query);
        } finally {
          count(path, entry);
        }
      });
    },
  };
}
