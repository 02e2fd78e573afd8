import type { GraphQLSchema } from 'graphql';
import { createYoga, type YogaServerInstance } from 'graphql-yoga';
import type { Context } from '../resolvers/context.ts';
import { useBoundedExecution } from './bounded-execution.ts';
import { createErrorReport } from './error-report.ts';
import type { Limits } from './limits.ts';
import type { Metrics } from './metrics/metrics.ts';
import { useOperationMetrics } from './metrics/operation-metrics.ts';
import { useOperationLimits } from './operation-limits.ts';
import type { RequestScopes } from './request-scope.ts';
import type { Tracing } from './tracing/tracing.ts';

export const GRAPHQL_PATH = '/graphql';

export type GraphQLEngine = YogaServerInstance<Record<string, unknown>, Context>;

/**
 * Everything that happens to an operation wherever it comes from: parse, validate, limit, execute, mask. Handles HTTP and
 * server-sent events by itself; the WebSocket endpoint uses its parts (`getEnveloped`).
 */
export function createGraphQLEngine({
  schema,
  context,
  limits,
  scopes,
  metrics,
  tracing,
}: {
  schema: GraphQLSchema;
  context: Context;
  limits: Limits;
  scopes: RequestScopes;
  metrics: Metrics;
  /** Null when no traces are wanted. */
  tracing: Tracing | null;
}): GraphQLEngine {
  return createYoga<Record<string, unknown>, Context>({
    schema,
    // Reconciled first: until then the record may tell of jobs as running that have ended since.
    context: async () => {
      await context.runner.ready;
      return context;
    },
    graphqlEndpoint: GRAPHQL_PATH,
    maxRequestBodySize: limits.bytes,
    maskedErrors: { maskError: createErrorReport(scopes) },
    // A parse that is remembered as failed would go past the plugins, uncounted and untraced.
    parserAndValidationCache: { errorCache: { get: () => undefined, set: () => undefined } },
    // The limits come last: what they refuse is counted and traced too.
    plugins: [
      useBoundedExecution(limits),
      useOperationMetrics(metrics),
      ...(tracing ? [tracing.plugin] : []),
      useOperationLimits(limits),
    ],
    // Done in front of Yoga, for every path alike.
    cors: false,
    graphiql: false,
    landingPage: false,
    multipart: false,
    logging: {
      debug: () => {},
      info: () => {},
      warn: (...details: unknown[]) => scopes.logger.warn({ details }, 'GraphQL engine'),
      // The error report has said by then what there is to say.
      error: () => {},
    },
  });
}
