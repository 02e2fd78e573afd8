import type { IncomingMessage } from 'node:http';
import type { DocumentNode, GraphQLSchema } from 'graphql';
import { createYoga, type YogaServerInstance } from 'graphql-yoga';
import { RateLimitedError } from '../runner/index.ts';
import type { Context } from '../resolvers/context.ts';
import { useAnswerHeaders } from './http/answer-headers.ts';
import { useBoundedErrors } from './limits/bounded-errors.ts';
import { createBoundedExecution } from './limits/bounded-execution.ts';
import { useBoundedJson } from './limits/bounded-json.ts';
import { createErrorReport } from './error-report.ts';
import type { Outlet } from './fan-out/outlet.ts';
import type { Limits } from './limits/limits.ts';
import type { Metrics } from './metrics/metrics.ts';
import { useOperationMetrics } from './metrics/operation-metrics.ts';
import { createOperationLimits } from './limits/operation-limits.ts';
import { usePersistedQueries } from './persisted-queries.ts';
import { createKnownDocuments } from './plain-queries/known-documents.ts';
import { createPlainQueries, type PlainQueries } from './plain-queries/plain-queries.ts';
import { type RefusalPace, useRefusalPace } from './rates/refusal-pace.ts';
import type { RequestScopes } from './http/request-scope.ts';
import { createTextCache } from './text-cache.ts';
import { createRateQuota } from './rates/rate-quota.ts';
import { userKeyOf } from './rates/user-key.ts';
import { useSubscriptionQuota } from './rates/subscription-quota.ts';
import type { Tracing } from './tracing/open-telemetry.ts';

export const GRAPHQL_PATH = '/graphql';

/**
 * Characters of the parsed documents that are kept. A parsed document takes about 110 bytes for each, so this is about 30 MB: several
 * hundred documents of the usual size. Yoga's own cache keeps 1,024 of any size, which took 800 MB.
 */
const CACHED_DOCUMENT_CHARACTERS = 250_000;

/** Properties of an operation: over WebSocket it has its own signal, over HTTP that of its request. */
type ServerContext = Record<string, unknown> & {
  /** The HTTP request of the operation, or of its WebSocket. */
  readonly req: IncomingMessage;
  readonly signal?: AbortSignal | undefined;
  /** Takes the answers of a subscription that are the same for many subscribers. */
  readonly outlet?: Outlet | undefined;
};

export type GraphQLEngine = YogaServerInstance<ServerContext, Context>;

/** Two ways to answer an operation, which give the same answers. */
export interface GraphQLEngines {
  readonly engine: GraphQLEngine;
  /** Answers plain queries faster than the engine; null if every operation is traced. */
  readonly plainQueries: PlainQueries | null;
}

/**
 * The steps of every operation on all transports: parse, validate, limit, execute, mask. Handles HTTP and server-sent events itself; the
 * WebSocket endpoint uses its parts (`getEnveloped`).
 */
export function createGraphQLEngines({
  schema,
  contextOf,
  limits,
  pace,
  scopes,
  metrics,
  tracing,
}: {
  schema: GraphQLSchema;
  /**
   * The context of an operation that a request brings, over HTTP or on the WebSocket that it opened.
   * @throws ExpectedError when the token of the request is no longer valid
   */
  contextOf: (request: IncomingMessage) => Context;
  limits: Limits;
  pace: RefusalPace;
  scopes: RequestScopes;
  metrics: Metrics;
  /** Null when no traces are wanted. */
  tracing: Tracing | null;
}): GraphQLEngines {
  const report = createErrorReport(scopes);
  const operationLimits = createOperationLimits(limits, report);
  const boundedExecution = createBoundedExecution(limits);
  const documents = createKnownDocuments(CACHED_DOCUMENT_CHARACTERS);
  const starts = createRateQuota(limits.startsPerMinute);
  const countStart = ({ caller }: Context, jobs: number) => {
    const wait = starts.take(userKeyOf(caller), jobs);
    if (wait > 0) throw new RateLimitedError('started trainings', wait);
  };
  const engine = createYoga<ServerContext, Context>({
    schema,
    // Wait for reconciliation: until then the record may show jobs as running that have already ended.
    context: async ({ request, req, signal = request.signal }) => {
      const context = contextOf(req);
      await context.runner.ready;
      return { ...context, countStart: (jobs: number) => countStart(context, jobs), signal };
    },
    graphqlEndpoint: GRAPHQL_PATH,
    maxRequestBodySize: limits.bytes,
    maskedErrors: { maskError: report },
    // A cached parse failure would bypass the plugins: it would be neither counted nor traced.
    parserAndValidationCache: {
      documentCache: createTextCache<DocumentNode>(CACHED_DOCUMENT_CHARACTERS, (source) => source),
      errorCache: { get: () => undefined, set: () => undefined },
    },
    // The limits come last, so that refused operations are counted and traced too.
    plugins: [
      useAnswerHeaders(),
      useBoundedJson(limits),
      usePersistedQueries(),
      boundedExecution.plugin,
      useOperationMetrics(metrics),
      ...(tracing ? [tracing.plugin] : []),
      documents.plugin,
      operationLimits.plugin,
      useSubscriptionQuota(limits.subscriptions),
      useBoundedErrors(),
      useRefusalPace(pace),
    ],
    // Done before Yoga, for all paths.
    cors: false,
    graphiql: false,
    landingPage: false,
    multipart: false,
    logging: {
      debug: () => {},
      info: () => {},
      warn: (...details: unknown[]) => scopes.logger.warn({ details }, 'GraphQL engine'),
      // The error report has already logged it.
      error: () => {},
    },
  });
  const plainQueries = createPlainQueries({
    path: GRAPHQL_PATH,
    schema,
    limits,
    documents,
    contextOf,
    excess: operationLimits.excess,
    execution: boundedExecution,
    metrics,
  });
  return { engine, plainQueries: tracing ? null : plainQueries };
}
