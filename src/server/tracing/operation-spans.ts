import type { IncomingMessage } from 'node:http';
import {
  type Context as TraceContext,
  context as active,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
  type Tracer,
} from '@opentelemetry/api';
import { createOpenTelemetryWrapper } from '@pothos/tracing-opentelemetry';
import { type DocumentNode, type ExecutionArgs, type GraphQLError, getOperationAST } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Context } from '../../resolvers/context.ts';
import { isUnexpected } from '../error-report.ts';
import { hasOperation } from '../metrics/operation-metrics.ts';

/** The span of one operation and its trace context. */
interface Trace {
  readonly span: Span;
  readonly context: TraceContext;
}

/** Maximum length of an operation name in a trace: a name may be as long as the document. */
const NAME_LENGTH = 128;
const MESSAGE_LENGTH = 500;

/**
 * Creates a span for each operation and for each of its steps, on the steps that HTTP and WebSocket share. The span of a
 * subscription ends when the feed has started: a span is exported only at its end, and a feed may run for days.
 */
export function useOperationSpans(tracer: Tracer): Plugin<Pick<Context, 'traceResolver'>> {
  const traces = new WeakMap<object, Trace>();
  const traceOf = (context: unknown): Trace | undefined => traces.get(Object(context) as object);
  const wrap = createOpenTelemetryWrapper(tracer);
  // The events of a feed come long after its span has ended, so they are not traced.
  const traceResolver: Context['traceResolver'] = (resolver, options) =>
    trace.getActiveSpan() ? wrap(resolver, options) : resolver;

  function start(context: object): Trace {
    const { req } = context as { req?: IncomingMessage };
    const parent = propagation.extract(ROOT_CONTEXT, req?.headers ?? {});
    const span = tracer.startSpan('graphql', { kind: SpanKind.SERVER }, parent);
    const started = { span, context: trace.setSpan(parent, span) };
    traces.set(context, started);
    return started;
  }

  const step = (name: string, { context }: Trace) => tracer.startSpan(`graphql.${name}`, {}, context);

  /** Runs one operation, or the first step of a subscription, in its own span. */
  function run<Work extends (...args: never) => unknown>(name: string, args: ExecutionArgs, work: Work) {
    const operation = traceOf(args.contextValue);
    if (!operation) return undefined;
    describe(operation.span, args.document, args.operationName);
    const span = step(name, operation);
    return {
      work: active.bind(trace.setSpan(operation.context, span), work),
      done(result: object) {
        recordErrors(
          operation.span,
          'errors' in result ? (result.errors as readonly GraphQLError[] | undefined) : undefined,
        );
        span.end();
        operation.span.end();
      },
    };
  }

  return {
    onParse({ context }) {
      const operation = start(context);
      const span = step('parse', operation);
      return ({ result }) => {
        span.end();
        if (hasOperation(result, context)) return;
        reject(operation, result instanceof Error ? result : undefined);
        traces.delete(context);
      };
    },
    onValidate({ context }) {
      const operation = traceOf(context);
      if (!operation) return undefined;
      const span = step('validate', operation);
      return ({ valid, result }) => {
        span.end();
        if (!valid) reject(operation, (result as readonly GraphQLError[])[0]);
      };
    },
    onContextBuilding({ extendContext }) {
      extendContext({ traceResolver });
    },
    onExecute({ args, executeFn, setExecuteFn }) {
      const span = run('execute', args, executeFn);
      if (!span) return undefined;
      setExecuteFn(span.work);
      return { onExecuteDone: ({ result }) => span.done(result) };
    },
    onSubscribe({ args, subscribeFn, setSubscribeFn }) {
      const span = run('subscribe', args, subscribeFn);
      if (!span) return undefined;
      setSubscribeFn(span.work);
      return { onSubscribeResult: ({ result }) => span.done(result) };
    },
  };
}

/** Follows the semantic conventions: the operation name, which clients choose, is an attribute and not part of the span name. */
function describe(span: Span, document: DocumentNode, operationName: string | null | undefined): void {
  const operation = getOperationAST(document, operationName);
  if (!operation) return;
  span.updateName(operation.operation);
  span.setAttribute('graphql.operation.type', operation.operation);
  if (operation.name) span.setAttribute('graphql.operation.name', operation.name.value.slice(0, NAME_LENGTH));
}

/** Ends the span of an operation that was not run. As with HTTP, an invalid request is not a server error. */
function reject({ span }: Trace, error: Error | undefined): void {
  if (error) span.setAttribute('graphql.error', error.message.slice(0, MESSAGE_LENGTH));
  span.end();
}

/** Records errors. Only unexpected errors set the span status to ERROR, not errors of the client. */
function recordErrors(span: Span, errors: readonly GraphQLError[] | undefined): void {
  if (errors === undefined || errors.length === 0) return;
  span.setAttribute('graphql.errors', errors.length);
  if (errors.some(isUnexpected)) span.setStatus({ code: SpanStatusCode.ERROR });
}
