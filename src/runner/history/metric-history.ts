import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { MetricPoints, MetricQuery, MetricSeries } from './history.ts';
import type { MetricAnswer, MetricRequest, MetricWorkerData } from './metric-worker.ts';
import { pointAt, type PointColumns, type SeriesColumns } from './select-series.ts';

const MAX_BYTES = 128 * 1024 * 1024;

/** Reads the metrics of jobs in a worker thread. The first read starts the thread, which keeps the process alive only while it reads. */
export interface MetricHistory extends AsyncDisposable {
  /**
   * One series for each reported name. A missing file is an empty history. Lines that are incomplete or not a report are ignored. If a
   * later attempt repeats steps, only its points count.
   * @param path the metrics history of a job
   * @throws a system error if the file cannot be read, or an Error if the thread died or this history is closed
   */
  read(path: string, query: MetricQuery): Promise<MetricSeries[]>;
}

interface Reader {
  readonly worker: Worker;
  readonly pending: Map<number, PromiseWithResolvers<readonly SeriesColumns[]>>;
}

/** @param options.maxBytes memory for points that were read, bytes; default 128 MiB, which holds 5 million points */
export function createMetricHistory({ maxBytes = MAX_BYTES }: { maxBytes?: number } = {}): MetricHistory {
  let reader: Reader | undefined;
  let nextId = 0;
  let closing: Promise<void> | undefined;

  function start(): Reader {
    const workerData: MetricWorkerData = { maxBytes };
    // `.ts` in a checkout, `.js` in the built package.
    const file = new URL(`./metric-worker${extname(import.meta.filename)}`, import.meta.url);
    const worker = new Worker(file, { name: 'metrics', workerData });
    const started: Reader = { worker, pending: new Map() };
    let cause: unknown;
    worker.on('message', (answer: MetricAnswer) => {
      const call = started.pending.get(answer.id);
      started.pending.delete(answer.id);
      if (started.pending.size === 0) worker.unref();
      if ('series' in answer) call?.resolve(answer.series);
      else call?.reject(answer.error);
    });
    worker.on('error', (error: unknown) => (cause = error));
    // Emitted after an error, too. The next read starts another thread.
    worker.on('exit', () => {
      if (reader === started) reader = undefined;
      const error = new Error('The thread that reads metrics has ended.', { cause });
      for (const { reject } of started.pending.values()) reject(error);
    });
    return started;
  }

  return {
    async read(path, query) {
      if (closing) throw new Error('The metrics are closed.');
      const { worker, pending } = (reader ??= start());
      const call = Promise.withResolvers<readonly SeriesColumns[]>();
      const request: MetricRequest = { id: (nextId += 1), path, query };
      pending.set(request.id, call);
      worker.ref();
      worker.postMessage(request);
      const series = await call.promise;
      return series.map(({ points, ...rest }) => ({ ...rest, points: points && asPoints(points) }));
    },
    [Symbol.asyncDispose]() {
      closing ??= Promise.resolve(reader?.worker.terminate()).then(() => undefined);
      return closing;
    },
  };
}

function asPoints(columns: PointColumns): MetricPoints {
  const { length } = columns.steps;
  return {
    ...columns,
    length,
    *[Symbol.iterator]() {
      for (let index = 0; index < length; index += 1) yield pointAt(columns, index);
    },
  };
}
