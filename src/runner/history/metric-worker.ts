/**
 * The thread that reads metrics histories (see `metric-history.ts`). A million points take a quarter of a second to read; on the main
 * thread, every other request would wait for that.
 */
import { parentPort, workerData } from 'node:worker_threads';
import type { MetricQuery } from './history.ts';
import { createMetricStore } from './metric-store.ts';
import type { SeriesColumns } from './select-series.ts';

/** The settings of the worker. */
export interface MetricWorkerData {
  /** See `createMetricStore`. */
  readonly maxBytes: number;
}

/** One query. Its answer has the same id. */
export interface MetricRequest {
  readonly id: number;
  readonly path: string;
  readonly query: MetricQuery;
}

/** The result of a query, or its error. */
export type MetricAnswer =
  { readonly id: number; readonly series: readonly SeriesColumns[] } | { readonly id: number; readonly error: unknown };

const port = parentPort;
if (!port) throw new Error('metric-worker.ts runs as a worker only');
const store = createMetricStore((workerData as MetricWorkerData).maxBytes);

port.on('message', ({ id, path, query }: MetricRequest) => {
  const send = (answer: MetricAnswer, buffers: ArrayBuffer[] = []) => port.postMessage(answer, buffers);
  store.read(path, query).then(
    (series) => send({ id, series }, series.flatMap(buffersOf)),
    (error: unknown) => send({ id, error }),
  );
});

function buffersOf({ points }: SeriesColumns): ArrayBuffer[] {
  return points ? [points.steps.buffer, points.times.buffer, points.values.buffer] : [];
}
