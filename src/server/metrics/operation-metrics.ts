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
    const start = began.get(Object(context) as object);
    if (start !== undefined) operationAnswered(type, outcome, (performance.now() - start) / 1000);
  }

  return {
    onParse({ context }) {
      began.set(context, performance.now());
      return ({ result }) => {
        if (result instanceof Error) answered(context, 'unknown', 'rejected');
      };
    },
    onValidate({ context, params }) {
      return ({ valid }) => {
        if (!valid || !isClear(params.documentAST, context)) answered(context, 'unknown', 'rejected');
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

/** Whether it is said which operation of a document is meant. Where it is not, the operation goes no further. */
export function isClear(document: DocumentNode, context: object): boolean {
  const { params } = context as { params?: { operationName?: string | null } };
  return getOperationAST(document, params?.operationName) != null;
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
