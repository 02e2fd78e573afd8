import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { JOB_STATUSES, type Runner, type RunnerListener } from '../../runner/index.ts';
import { createRequestMetrics, type RequestMetrics } from './request-metrics.ts';
import { createRunnerMetrics } from './runner-metrics.ts';

/** What is read only when somebody asks for the metrics. */
export interface MetricSources {
  readonly runner: Runner;
  /** How many WebSockets are open. */
  readonly webSockets: () => number;
  /** How many streams of server-sent events are open. */
  readonly eventStreams: () => number;
}

/** Everything that `/metrics` tells. Each metric is described in docs/observability.md. */
export interface Metrics extends RequestMetrics {
  /** Counts what happens in a runner: to be given to `createRunner`. */
  readonly listener: RunnerListener;
  /** Adds the numbers of a server and its runner; once. */
  addSources(sources: MetricSources): void;
  /** All metrics in the text format of Prometheus. */
  read(): Promise<string>;
  readonly contentType: string;
}

/** Metrics in a registry of their own: two servers in one process do not count together. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const requests = createRequestMetrics(registry);
  const listener = createRunnerMetrics(registry);
  let isWatchingProcess = false;

  function gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });
  }

  return {
    ...requests,
    listener,
    addSources({ runner, webSockets, eventStreams }) {
      new Gauge({
        name: 'trainyard_jobs',
        help: 'Jobs in the record, by status.',
        labelNames: ['status'],
        registers: [registry],
        collect() {
          const counts = runner.counts();
          for (const status of JOB_STATUSES) this.set({ status }, counts[status]);
        },
      });
      new Gauge({
        name: 'trainyard_subscriptions',
        help: 'Open subscriptions, by what they watch.',
        labelNames: ['subscription'],
        registers: [registry],
        collect() {
          for (const [subscription, open] of Object.entries(runner.activity.feeds)) this.set({ subscription }, open);
        },
      });
      gauge('trainyard_queue_length', 'Jobs that wait for a slot.', () => runner.activity.waiting);
      gauge('trainyard_slots_used', 'Slots that are taken by jobs.', () => runner.activity.running);
      gauge('trainyard_slots', 'Jobs that may run at once.', () => runner.activity.slots);
      gauge('trainyard_websockets', 'Open WebSockets.', webSockets);
      gauge('trainyard_event_streams', 'Open streams of server-sent events.', eventStreams);
    },
    async read() {
      // From the first time on that somebody asks: watching the event loop and the garbage collector costs a little.
      if (!isWatchingProcess) collectDefaultMetrics({ register: registry });
      isWatchingProcess = true;
      return registry.metrics();
    },
    contentType: registry.contentType,
  };
}
