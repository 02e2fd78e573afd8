import { context, type Context, ROOT_CONTEXT, type Span, SpanStatusCode, type Tracer } from '@opentelemetry/api';
import type { RunnerListener } from '../../runner/index.ts';

/** Creates a span for each launch of a job, in the trace of the request that queued it, however long the job waited. */
export function createLaunchSpans(tracer: Tracer): RunnerListener {
  // By job id. Bounded by the queue.
  const requestedIn = new Map<string, Context>();
  const launching = new Map<string, Span>();

  return (event) => {
    switch (event.type) {
      case 'jobQueued':
        requestedIn.set(event.job.id, context.active());
        return;
      case 'attemptLaunching': {
        const { id, attempt } = event.job;
        const attributes = { 'trainyard.job.id': id, 'trainyard.job.attempt': attempt };
        launching.set(id, tracer.startSpan('job.launch', { attributes }, requestedIn.get(id) ?? ROOT_CONTEXT));
        return;
      }
      case 'attemptLaunched': {
        const { job, failure } = event;
        const span = launching.get(job.id);
        launching.delete(job.id);
        if (failure) {
          span?.recordException(failure);
          span?.setStatus({ code: SpanStatusCode.ERROR, message: failure.message });
        } else {
          requestedIn.delete(job.id);
        }
        span?.end();
        return;
      }
      case 'jobEnded':
        requestedIn.delete(event.job.id);
        return;
      default:
    }
  };
}
