import { Counter, Histogram, type Registry } from 'prom-client';

/** `unknown` is what could not be parsed, is not valid, or does not say which of its operations is meant. */
export type OperationType = 'query' | 'mutation' | 'subscription' | 'unknown';

/** `rejected` is the client's doing (also an expected failure that is an error); `failed` is a bug or a broken machine. */
export type OperationOutcome = 'ok' | 'rejected' | 'failed';

/** Counts what is asked of the server. Nothing that a client makes up becomes a label. */
export interface RequestMetrics {
  /**
   * An HTTP request is over.
   * @param status null when the client went away before there was an answer
   */
  requestEnded(path: string, status: number | null): void;
  /** An operation was answered; for a subscription: it began, or could not. */
  operationAnswered(type: OperationType, outcome: OperationOutcome, seconds: number): void;
}

/** The first parts of the paths that are served. All others count as one. */
const ROUTES = new Set(['', 'graphql', 'health', 'ready', 'metrics', 'datasets', 'models']);

/** From an answer out of memory to one that should have been a page, seconds. */
const BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

export function createRequestMetrics(registry: Registry): RequestMetrics {
  const requests = new Counter({
    name: 'trainyard_http_requests_total',
    help: 'HTTP requests that are over, by route and status; WebSockets are not among them.',
    labelNames: ['route', 'status'],
    registers: [registry],
  });
  const operations = new Histogram({
    name: 'trainyard_graphql_operation_seconds',
    help: 'GraphQL operations over HTTP, server-sent events and WebSocket, from parsing to the answer; of a subscription, to its beginning.',
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
