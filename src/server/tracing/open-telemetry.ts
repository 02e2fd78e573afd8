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

/** How long the last spans may take to be sent when the server closes, ms. */
const FLUSH_MS = 2000;
/** A collector that is away is said so once in so many ms, not with every batch. */
const COMPLAINT_MS = 60_000;

/** Traces by OpenTelemetry. Disposing sends what has not been sent yet, within a bounded time. */
export interface Tracing extends AsyncDisposable {
  /** Makes the spans of operations and their resolvers. */
  readonly plugin: Plugin<Pick<Context, 'traceResolver'>>;
  /** Makes a span for each launch of a job. */
  readonly listener: RunnerListener;
}

/**
 * Traces as the standard variables want them. Spans wait in a bounded queue and go out in batches beside everything else: a
 * collector that is slow or away costs spans, and nothing more.
 */
export function createOpenTelemetry(logger: Logger): Tracing {
  diag.setLogger(occasionally(logger), DiagLogLevel.WARN);
  const provider = new NodeTracerProvider({
    resource: defaultResource()
      .merge(resourceFromAttributes({ 'service.name': 'trainyard' }))
      .merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
  });
  // Context and propagation are the process's own in OpenTelemetry: W3C `traceparent`, carried by AsyncLocalStorage.
  provider.register();
  const tracer = provider.getTracer('trainyard');

  let closing: Promise<void> | undefined;
  async function close(): Promise<void> {
    const patience = new AbortController();
    const flushed = provider.shutdown().catch((error: unknown) => {
      logger.warn({ err: error }, 'the last traces could not be sent');
    });
    await Promise.race([flushed, delay(FLUSH_MS, undefined, { signal: patience.signal }).catch(() => undefined)]);
    patience.abort();
    for (const api of [trace, context, propagation, diag]) api.disable();
  }

  return {
    plugin: useOperationSpans(tracer),
    listener: createLaunchSpans(tracer),
    [Symbol.asyncDispose]: () => (closing ??= close()),
  };
}

/** Complaints of OpenTelemetry in the server's log, but not all of them. */
function occasionally(logger: Logger) {
  let silentUntil = 0;
  const complain = (message: string, ...details: unknown[]) => {
    if (performance.now() < silentUntil) return;
    silentUntil = performance.now() + COMPLAINT_MS;
    logger.warn({ reason: message.slice(0, 500), details }, 'tracing does not work; the server goes on without');
  };
  const ignore = () => undefined;
  return { error: complain, warn: complain, info: ignore, debug: ignore, verbose: ignore };
}
