import type { MetricQuery } from './history.ts';
import { createMetricFile, type MetricFile } from './metric-file.ts';
import { select, type SeriesColumns } from './metrics.ts';

/** Answers queries about the metrics of many jobs, and keeps what it has read of the newest ones. */
export interface MetricStore {
  /** @param path the metrics history of a job */
  read(path: string, query: MetricQuery): Promise<SeriesColumns[]>;
}

interface Entry {
  readonly file: MetricFile;
  /** The read that is under way, or was the last one: two at once would read the same lines twice. */
  turn: Promise<unknown>;
  /** As they were counted last. */
  bytes: number;
}

/** @param maxBytes what it may keep in memory between two reads; those that were not asked for the longest go first */
export function createMetricStore(maxBytes: number): MetricStore {
  // The order of a Map is that of its insertions: each use inserts anew, so the first one was not used the longest.
  const entries = new Map<string, Entry>();
  let bytes = 0;

  function use(path: string): Entry {
    const entry = entries.get(path) ?? { file: createMetricFile(path), turn: Promise.resolve(), bytes: 0 };
    entries.delete(path);
    entries.set(path, entry);
    return entry;
  }

  function count(path: string, entry: Entry): void {
    if (entries.get(path) !== entry) return; // Put out meanwhile, as others needed the room.
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
      const answer = entry.turn.then(async () => {
        try {
          await entry.file.update();
          return select(entry.file.columns, query);
        } finally {
          count(path, entry);
        }
      });
      entry.turn = answer.catch(() => undefined);
      return answer;
    },
  };
}
