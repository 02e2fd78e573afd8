/**
 * The thread that reads metrics histories (see `metric-history.ts`): a million points take a quarter of a second to read, which
 * nobody else is to wait for.
 */
import { parentPort, workerData } from 'node:worker_threads';
import type { MetricQuery } from './history.ts';
import { createMetricStore } from './metric-store.ts';
import type { SeriesColumns } from './metrics.ts';

/** What the worker is started with. */
export interface MetricWorkerData {
  readonly maxBytes: number;
}

/** One query; its answer has the same id. */
export interface MetricRequest {
  readonly id: number;
  readonly path: string;
  readonly query: MetricQuery;
}

/** What became of a query. */
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
