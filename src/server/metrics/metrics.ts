import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { JOB_STATUSES, type Runner, type RunnerListener } from '../../runner/index.ts';
import { createRequestMetrics, type RequestMetrics } from './request-metrics.ts';
import { createRunnerMetrics } from './runner-metrics.ts';

/** Sources that are read only when the metrics are scraped. */
export interface MetricSources {
  readonly runner: Runner;
  /** Number of open WebSockets. */
  readonly webSockets: () => number;
  /** Number of open streams of server-sent events. */
  readonly eventStreams: () => number;
}

/** The Prometheus metrics at `/metrics`. docs/observability.md describes each metric. */
export interface Metrics extends RequestMetrics {
  /** Counts events of a runner: pass it to `createRunner`. */
  readonly listener: RunnerListener;
  /** Adds the gauges of a server and its runner. Call it once. */
  addSources(sources: MetricSources): void;
  /** All metrics in the Prometheus text format. */
  read(): Promise<string>;
  readonly contentType: string;
}

/** Creates metrics in their own registry, so that two servers in one process count separately. */
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
        help: 'Jobs by status.',
        labelNames: ['status'],
        registers: [registry],
        collect() {
          const counts = runner.counts();
          for (const status of JOB_STATUSES) this.set({ status }, counts[status]);
        },
      });
      new Gauge({
        name: 'trainyard_subscriptions',
        help: 'Open subscriptions, by subscription field.',
        labelNames: ['subscription'],
        registers: [registry],
        collect() {
          for (const [subscription, open] of Object.entries(runner.activity.feeds)) this.set({ subscription }, open);
        },
      });
      gauge('trainyard_queue_length', 'Jobs waiting for a slot.', () => runner.activity.waiting);
      gauge('trainyard_slots_used', 'Slots in use.', () => runner.activity.running);
      const { slots } = runner.activity;
      // A cluster decides itself how many jobs run.
      if (slots !== null) gauge('trainyard_slots', 'Maximum number of running jobs.', () => slots);
      gauge('trainyard_websockets', 'Open WebSockets.', webSockets);
      gauge('trainyard_event_streams', 'Open streams of server-sent events.', eventStreams);
    },
    async read() {
      // Starts at the first scrape, because monitoring the event loop and the garbage collector has a cost.
      if (!isWatchingProcess) collectDefaultMetrics({ register: registry });
      isWatchingProcess = true;
      return registry.metrics();
    },
    contentType: registry.contentType,
  };
}
