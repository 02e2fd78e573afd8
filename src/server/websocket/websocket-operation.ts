import type { IncomingMessage } from 'node:http';
import {
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  getOperationAST,
  GraphQLError,
  type GraphQLSchema,
} from 'graphql';
import type { SubscribePayload } from 'graphql-ws';
import { withCode } from '../error-report.ts';
import type { Outlet } from '../fan-out/outlet.ts';
import type { GraphQLEngine } from '../graphql.ts';

type OperationResult = ExecutionResult | AsyncIterableIterator<ExecutionResult>;

/** The result of an operation, passed through graphql-ws with its arguments. */
export interface StartedOperation extends ExecutionArgs {
  readonly result: OperationResult;
}

/** The steps of an operation, including the plugins (limits, caches, masking). */
interface OperationSteps {
  readonly schema: GraphQLSchema;
  parse(source: string): DocumentNode;
  validate(schema: GraphQLSchema, document: DocumentNode): readonly GraphQLError[];
  contextFactory(): unknown;
  execute(args: ExecutionArgs): OperationResult | Promise<OperationResult>;
  subscribe(args: ExecutionArgs): OperationResult | Promise<OperationResult>;
}

/**
 * Parses, validates, limits and runs an operation. Request errors are returned, never thrown: graphql-ws would close the
 * whole socket for a thrown error, with all other operations on it.
 * @param outlet sends the answers of a subscription that are the same for many subscribers
 * @param signal aborts when the client has disconnected or completed the operation
 */
export async function startOperation(
  engine: GraphQLEngine,
  request: IncomingMessage,
  payload: SubscribePayload,
  report: (error: unknown) => GraphQLError,
  outlet: Outlet,
  signal?: AbortSignal,
): Promise<StartedOperation | readonly GraphQLError[]> {
  try {
    const { schema, parse, validate, contextFactory, execute, subscribe } = engine.getEnveloped({
      params: payload,
      // As over HTTP: the request of the operation, here that of the WebSocket.
      req: request,
      signal,
      outlet,
    }) as OperationSteps;
    let document: DocumentNode;
    try {
      document = parse(payload.query);
    } catch (error) {
      return [error instanceof GraphQLError ? withCode(error, 'GRAPHQL_PARSE_FAILED') : report(error)];
    }
    const invalid = validate(schema, document);
    if (invalid.length > 0) return invalid.map((error) => withCode(error, 'GRAPHQL_VALIDATION_FAILED'));
    const operation = getOperationAST(document, payload.operationName);
    if (!operation) {
      return [
        new GraphQLError('operationName must name one of the operations of the document.', {
          extensions: { code: 'OPERATION_RESOLUTION_FAILURE' },
        }),
      ];
    }
    const args: ExecutionArgs = {
      schema,
      document,
      operationName: payload.operationName,
      variableValues: payload.variables,
      contextValue: await contextFactory(),
    };
    const run = operation.operation === 'subscription' ? subscribe : execute;
    const result = await run(args);
    // Without data, the operation failed before its execution.
    if ('errors' in result && !('data' in result)) return result.errors;
    return { ...args, result };
  } catch (error) {
    return [report(error)];
  }
}
