import { context, type Context, ROOT_CONTEXT, SpanStatusCode, type Tracer } from '@opentelemetry/api';
import type { RunnerObserver } from '../../runner/index.ts';

/** A span for each launch of a job, in the trace of what asked for it, however long it had to wait for a slot. */
export function createLaunchSpans(tracer: Tracer): RunnerObserver {
  // By the id of a job that waits. Bounded, as the queue is.
  const askedIn = new Map<string, Context>();
  return {
    jobQueued: ({ id }) => void askedIn.set(id, context.active()),
    launching({ id, attempt }) {
      const attributes = { 'trainyard.job.id': id, 'trainyard.job.attempt': attempt };
      const span = tracer.startSpan('job.launch', { attributes }, askedIn.get(id) ?? ROOT_CONTEXT);
      return (failure) => {
        if (failure) {
          span.recordException(failure);
          span.setStatus({ code: SpanStatusCode.ERROR, message: failure.message });
        } else {
          askedIn.delete(id);
        }
        span.end();
      };
    },
    jobEnded: ({ id }) => void askedIn.delete(id),
  };
}
