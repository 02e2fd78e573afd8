import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  getOperationAST,
  getVariableValues,
  type GraphQLError,
  type GraphQLSchema,
} from 'graphql';
import type { Answer } from '../../resolvers/answer.ts';
import type { Context } from '../../resolvers/context.ts';
import type { BoundedExecution } from '../limits/bounded-execution.ts';
import { findJsonExcess } from '../limits/json-scan.ts';
import type { Limits } from '../limits/limits.ts';
import type { RequestMetrics } from '../metrics/request-metrics.ts';
import type { Data } from './compile-query.ts';
import { createCompiledQueries } from './compiled-queries.ts';
import type { KnownDocuments } from './known-documents.ts';
import { chooseMediaType } from './negotiate.ts';
import { readBody } from './read-body.ts';

/** Answers plain queries without the steps of Yoga that do not affect the answer. */
export interface PlainQueries {
  /**
   * Answers a request if the answer is certainly the same as Yoga's: a POST with JSON of one query whose document is known to be valid,
   * which is within all limits and has no error.
   * @returns false if Yoga has to answer it; the body may have been read by then, and is kept in the request
   */
  answer(request: IncomingMessage, response: ServerResponse): Promise<boolean>;
}

export interface PlainQueriesSettings {
  /** URL path of the GraphQL endpoint. */
  readonly path: string;
  readonly schema: GraphQLSchema;
  readonly limits: Limits;
  readonly documents: KnownDocuments;
  readonly contextOf: (request: IncomingMessage) => Context;
  /** Errors of an operation that exceeds the limits, before it runs. */
  readonly excess: (args: ExecutionArgs) => readonly GraphQLError[];
  readonly execution: Omit<BoundedExecution, 'plugin'>;
  readonly metrics: Pick<RequestMetrics, 'operationAnswered'>;
}

/** An operation that has a valid document. */
type Operation = ExecutionArgs & { readonly document: DocumentNode };

type Parameters = Readonly<Record<'query' | 'variables' | 'operationName' | 'extensions', unknown>>;
/**
 * A usual query is much smaller. Yoga's time for a body that was read before grows faster than the body: 0.2 s for a megabyte, which any
 * client can send.
 */
const MAX_BYTES = 64 * 1024;
const PARAMETERS: ReadonlySet<string> = new Set(['query', 'variables', 'operationName', 'extensions']);

export function createPlainQueries(settings: PlainQueriesSettings): PlainQueries {
  const { path, schema, limits, documents, contextOf, excess, execution, metrics } = settings;
  const compiled = createCompiledQueries(schema);

  /** The operation that a text asks for, without its context; null if Yoga has to decide about it. */
  function read(text: string): Operation | null {
    if (findJsonExcess(text, limits) !== null) return null;
    const parameters = parse(text);
    if (parameters === null) return null;
    const { query, variables, operationName, extensions } = parameters;
    if (typeof query !== 'string' || extensions != null) return null;
    if (operationName != null && typeof operationName !== 'string') return null;
    if (variables != null && (typeof variables !== 'object' || Array.isArray(variables))) return null;
    const document = documents.get(query);
    if (!document || getOperationAST(document, operationName)?.operation !== 'query') return null;
    return { schema, document, operationName, variableValues: variables as Record<string, unknown> | null };
  }

  /** The result of an operation; null if Yoga has to find the error in it. */
  async function run(
    request: IncomingMessage,
    response: ServerResponse,
    operation: Operation,
  ): Promise<ExecutionResult | null> {
    try {
      const context = contextOf(request);
      await context.runner.ready;
      if (excess({ ...operation, contextValue: context }).length > 0) return null;
      const data = runCompiled(operation, (answer) => withSignal(context, response, answer));
      if (data !== null) return { data };
      const result = execution.execute({ ...operation, contextValue: withSignal(context, response) });
      if (result instanceof Promise) return withData(await result);
      if (result.errors === undefined) compiled.add(operation.document, operation.operationName);
      return withData(result);
    } catch {
      // Yoga gets the same error, and masks it.
      return null;
    }
  }

  /** The data of an operation that is compiled; null if graphql-js has to execute it. */
  function runCompiled(operation: Operation, contextFor: (answer: Answer) => Context): Data | null {
    const { document, operationName } = operation;
    const query = compiled.get(document, operationName);
    if (!query) return null;
    const definitions = getOperationAST(document, operationName)?.variableDefinitions ?? [];
    const { variableValues } = getVariableValues(schema, definitions, operation.variableValues ?? {});
    // Wrong variables are a fault of this request, not of the query: other clients keep the fast path.
    if (!variableValues) return null;
    const data = execution.attempt((answer) => query(contextFor(answer), variableValues));
    if (data === null) compiled.giveUp(document, operationName);
    return data;
  }

  return {
    async answer(request, response) {
      const mediaType = isPlain(request, path, limits) ? chooseMediaType(request.headers.accept) : null;
      if (mediaType === null) return false;
      const text = await readBody(request);
      if (text === null) return true;
      // Yoga looks here for a body that was read before.
      (request as IncomingMessage & { body?: string }).body = text;
      const startedAt = performance.now();
      const operation = read(text);
      if (operation === null) return false;
      const result = await run(request, response, operation);
      if (result === null) return false;
      if (result.errors !== undefined || Object.keys(result).length > 1) {
        execution.handOver(request, result);
        return false;
      }
      metrics.operationAnswered('query', 'ok', (performance.now() - startedAt) / 1000);
      if (response.destroyed) return true;
      const body = JSON.stringify(result);
      const length = Buffer.byteLength(body);
      response.writeHead(200, {
        'content-type': `${mediaType}; charset=utf-8`,
        'content-length': length,
        'cache-control': 'no-store',
      });
      // As text, which Node writes together with the head; Latin-1 is the fastest, and the same for ASCII.
      response.end(body, length === body.length ? 'latin1' : 'utf8');
      return true;
    },
  };
}

/** Whether the head of a request promises a short, plain JSON body within the limits. */
function isPlain({ method, url, headers }: IncomingMessage, path: string, { bytes }: Limits): boolean {
  const type = headers['content-type'];
  const length = headers['content-length'] ?? '';
  return (
    method === 'POST' &&
    url === path &&
    (type === 'application/json' || type === 'application/json; charset=utf-8') &&
    headers['content-encoding'] === undefined &&
    headers['transfer-encoding'] === undefined &&
    headers.expect === undefined &&
    /^\d{1,15}$/.test(length) &&
    Number(length) > 0 &&
    Number(length) <= Math.min(bytes, MAX_BYTES)
  );
}

/** The parameters of a request; null if there are others, or none. */
function parse(text: string): Parameters | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  return Object.keys(value).every((name) => PARAMETERS.has(name)) ? (value as Parameters) : null;
}

/** A result without data: nothing has run, and the operation is wrong. */
function withData(result: ExecutionResult): ExecutionResult | null {
  return 'data' in result ? result : null;
}

/** The context with a signal that exists only if a resolver wants it. */
function withSignal(context: Context, response: ServerResponse, answer?: Answer): Context {
  let signal: AbortSignal | undefined;
  return {
    ...context,
    answer,
    get signal() {
      signal ??= signalOf(response);
      return signal;
    },
  };
}

/** Aborts when the client disconnects before it has its answer. */
function signalOf(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  const abort = () => {
    if (!response.writableFinished) controller.abort();
  };
  if (response.closed) abort();
  else response.once('close', abort);
  return controller.signal;
}
