import { Counter, Histogram, type Registry } from 'prom-client';

/** `unknown`: the document could not be parsed, is invalid, or does not select one of its operations. */
export type OperationType = 'query' | 'mutation' | 'subscription' | 'unknown';

/** `rejected`: an error of the client, or an expected failure; `failed`: a bug or a system failure. */
export type OperationOutcome = 'ok' | 'rejected' | 'failed';

/** Counts requests and operations. Text from clients never becomes a label. */
export interface RequestMetrics {
  /**
   * Counts an HTTP request that has ended.
   * @param status null if the client disconnected before there was an answer
   */
  requestEnded(path: string, status: number | null): void;
  /** Counts an operation that was answered; a subscription when it started or failed to start. */
  operationAnswered(type: OperationType, outcome: OperationOutcome, seconds: number): void;
}

/** First segments of the served paths. All others count as one route. */
const ROUTES = new Set(['', 'graphql', 'health', 'ready', 'metrics', 'datasets', 'models']);

/** From an answer out of memory to one that should have been paginated, seconds. */
const BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

export function createRequestMetrics(registry: Registry): RequestMetrics {
  const requests = new Counter({
    name: 'trainyard_http_requests_total',
    help: 'Completed HTTP requests, by route and status; without WebSockets.',
    labelNames: ['route', 'status'],
    registers: [registry],
  });
  const operations = new Histogram({
    name: 'trainyard_graphql_operation_seconds',
    help: 'Duration of GraphQL operations over HTTP, server-sent events and WebSocket, from parsing to the answer; for a subscription, to its start.',
    labelNames: ['type', 'outcome'],
    buckets: BUCKETS,
    registers: [registry],
  });
  for (const type of ['query', 'mutation', 'subscription']) {
    for (const outcome of ['ok', 'rejected', 'failed']) operations.zero({ type, outcome });
  }
  operations.zero({ type: 'unknown', outcome: 'rejected' });
  return {
    requestEnded: (path, status) => requests.inc({ route: routeOf(path), status: status ?? 'aborted' }),
    operationAnswered: (type, outcome, seconds) => operations.observe({ type, outcome }, seconds),
  };
}

function routeOf(path: string): string {
  const first = path.split('/', 2)[1] ?? '';
  return ROUTES.has(first) ? `/${first}` : 'other';
}
