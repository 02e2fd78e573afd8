import { type DocumentNode, type ExecutionArgs, getOperationAST, type GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { isUnexpected } from '../error-report.ts';
import type { OperationOutcome, OperationType, RequestMetrics } from './request-metrics.ts';

/**
 * Counts and times operations, on the steps that HTTP and WebSocket share. It comes before the limits: an operation that these
 * refuse counts too.
 */
export function useOperationMetrics({ operationAnswered }: Pick<RequestMetrics, 'operationAnswered'>): Plugin {
  /** When an operation began, by its context. */
  const began = new WeakMap<object, number>();

  function answered(context: unknown, type: OperationType, outcome: OperationOutcome): void {
    const key = Object(context) as object;
    const start = began.get(key);
    if (start === undefined) return;
    began.delete(key);
    operationAnswered(type, outcome, (performance.now() - start) / 1000);
  }

  return {
    onParse({ context }) {
      began.set(context, performance.now());
      return ({ result }) => {
        if (!isClear(result, context)) answered(context, 'unknown', 'rejected');
      };
    },
    onValidate({ context }) {
      return ({ valid }) => {
        if (!valid) answered(context, 'unknown', 'rejected');
      };
    },
    onExecute: ({ args }) => ({
      onExecuteDone: ({ result }) => answered(args.contextValue, typeOf(args), outcomeOf(result)),
    }),
    onSubscribe: ({ args }) => ({
      onSubscribeResult: ({ result }) => answered(args.contextValue, typeOf(args), outcomeOf(result)),
    }),
  };
}

/** Whether a document was parsed, and it is said which of its operations is meant. Otherwise nothing more is done with it. */
export function isClear(parsed: unknown, context: object): boolean {
  const { params } = context as { params?: { operationName?: string | null } };
  if (typeof parsed !== 'object' || parsed === null || !('definitions' in parsed)) return false;
  return getOperationAST(parsed as DocumentNode, params?.operationName) != null;
}

function typeOf({ document, operationName }: ExecutionArgs): OperationType {
  return getOperationAST(document, operationName)?.operation ?? 'unknown';
}

/** A feed that has begun has no errors. */
function outcomeOf(result: object): OperationOutcome {
  const errors = 'errors' in result ? (result.errors as readonly GraphQLError[] | undefined) : undefined;
  if (!errors || errors.length === 0) return 'ok';
  return errors.some(isUnexpected) ? 'failed' : 'rejected';
}
