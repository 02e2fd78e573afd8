import { type DocumentNode, type ExecutionArgs, getOperationAST, type GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { isUnexpected } from '../error-report.ts';
import type { OperationOutcome, OperationType, RequestMetrics } from './request-metrics.ts';

/**
 * Counts and times operations, on the steps that HTTP and WebSocket share. Must come before the limits, so that rejected operations
 * count too.
 */
export function useOperationMetrics({ operationAnswered }: Pick<RequestMetrics, 'operationAnswered'>): Plugin {
  /** Start times of operations, by context. */
  const startTimes = new WeakMap<object, number>();

  function record(context: unknown, type: OperationType, outcome: OperationOutcome): void {
    const key = Object(context) as object;
    const start = startTimes.get(key);
    if (start === undefined) return;
    startTimes.delete(key);
    operationAnswered(type, outcome, (performance.now() - start) / 1000);
  }

  return {
    onParse({ context }) {
      startTimes.set(context, performance.now());
      return ({ result }) => {
        if (!hasOperation(result, context)) record(context, 'unknown', 'rejected');
      };
    },
    onValidate({ context }) {
      return ({ valid }) => {
        if (!valid) record(context, 'unknown', 'rejected');
      };
    },
    onExecute: ({ args }) => ({
      onExecuteDone: ({ result }) => record(args.contextValue, typeOf(args), outcomeOf(result)),
    }),
    onSubscribe: ({ args }) => ({
      onSubscribeResult: ({ result }) => record(args.contextValue, typeOf(args), outcomeOf(result)),
    }),
  };
}

/** Whether a document was parsed and one of its operations was selected. Otherwise nothing more is done with it. */
export function hasOperation(parsed: unknown, context: object): boolean {
  const { params } = context as { params?: { operationName?: string | null } };
  if (typeof parsed !== 'object' || parsed === null || !('definitions' in parsed)) return false;
  return getOperationAST(parsed as DocumentNode, params?.operationName) != null;
}

function typeOf({ document, operationName }: ExecutionArgs): OperationType {
  return getOperationAST(document, operationName)?.operation ?? 'unknown';
}

/** The outcome of an operation. A subscription that started has no errors. */
function outcomeOf(result: object): OperationOutcome {
  const errors = 'errors' in result ? (result.errors as readonly GraphQLError[] | undefined) : undefined;
  if (!errors || errors.length === 0) return 'ok';
  return errors.some(isUnexpected) ? 'failed' : 'rejected';
}
