import { setTimeout as delay } from 'node:timers/promises';
import { context, diag, DiagLogLevel, propagation, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import type { Plugin } from 'graphql-yoga';
import type { Context } from '../../resolvers/context.ts';
import type { RunnerListener } from '../../runner/index.ts';
import type { Logger } from '../logger.ts';
import { createLaunchSpans } from './launch-spans.ts';
import { useOperationSpans } from './operation-spans.ts';

/** Time limit for sending the last spans at shutdown, ms. */
const FLUSH_MS = 2000;
/** Minimum time between warnings about an unreachable collector, ms. */
const WARNING_INTERVAL_MS = 60_000;

/** Traces by OpenTelemetry. Disposing sends what has not been sent yet, within a bounded time. */
export interface Tracing extends AsyncDisposable {
  /** Creates the spans of operations and their resolvers. */
  readonly plugin: Plugin<Pick<Context, 'traceResolver'>>;
  /** Creates a span for each launch of a job. */
  readonly listener: RunnerListener;
}

/**
 * Traces as configured by the standard variables. Spans wait in a bounded queue and are sent in batches in the background: a slow or
 * unreachable collector loses spans, and has no other effect.
 */
export function createOpenTelemetry(logger: Logger): Tracing {
  diag.setLogger(limitedLogger(logger), DiagLogLevel.WARN);
  const provider = new NodeTracerProvider({
    resource: defaultResource()
      .merge(resourceFromAttributes({ 'service.name': 'trainyard' }))
      .merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
  });
  // OpenTelemetry's context and propagation are global to the process: W3C `traceparent`, carried by AsyncLocalStorage.
  provider.register();
  const tracer = provider.getTracer('trainyard');

  let closing: Promise<void> | undefined;
  async function close(): Promise<void> {
    const timeout = new AbortController();
    const flushed = provider.shutdown().catch((error: unknown) => {
      logger.warn({ err: error }, 'the last traces could not be sent');
    });
    await Promise.race([flushed, delay(FLUSH_MS, undefined, { signal: timeout.signal }).catch(() => undefined)]);
    timeout.abort();
    for (const api of [trace, context, propagation, diag]) api.disable();
  }

  return {
    plugin: useOperationSpans(tracer),
    listener: createLaunchSpans(tracer),
    [Symbol.asyncDispose]: () => (closing ??= close()),
  };
}

/** Logs warnings of OpenTelemetry at a limited rate. */
function limitedLogger(logger: Logger) {
  let silentUntil = 0;
  const warn = (message: string, ...details: unknown[]) => {
    if (performance.now() < silentUntil) return;
    silentUntil = performance.now() + WARNING_INTERVAL_MS;
    logger.warn({ reason: message.slice(0, 500), details }, 'tracing failed; the server continues without it');
  };
  const ignore = () => undefined;
  return { error: warn, warn, info: ignore, debug: ignore, verbose: ignore };
}
