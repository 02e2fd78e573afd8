import {
  createSourceEventStream,
  execute,
  type ExecutionArgs,
  type ExecutionResult,
  executeSubscriptionEvent,
  getOperationAST,
  GraphQLError,
  mapSourceToResponseEvent,
  responsePathAsArray,
  validateSubscriptionArgs,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { type AnswerBounds, type AnswerFailure, createAnswers } from '../resolvers/answer.ts';

/**
 * Executes operations with a budget of bytes for each answer, on the steps that HTTP, SSE and WebSocket share. An answer that is
 * too large is given up while it is executed, so memory never holds more than the budget. It has one error and no data; a
 * subscription ends with it.
 *
 * The executor is that of GraphQL itself: its iterators pass `return()` on at once, also while they wait for an event.
 */
export function useBoundedExecution(bounds: AnswerBounds): Plugin {
  const begin = createAnswers(bounds);

  function withBudget<Args extends { readonly contextValue?: unknown }>(
    args: Args,
    run: (args: Args) => ExecutionResult | Promise<ExecutionResult>,
    giveUp: (failure: AnswerFailure) => ExecutionResult,
  ): ExecutionResult | Promise<ExecutionResult> {
    const answer = begin();
    const finish = (result: ExecutionResult) => (answer.failure ? giveUp(answer.failure) : result);
    let result: ExecutionResult | Promise<ExecutionResult> | undefined;
    try {
      // A context of its own: that of a subscription serves all of its events.
      result = run({ ...args, contextValue: { ...(args.contextValue as object), answer } });
    } finally {
      if (!(result instanceof Promise)) answer.end();
    }
    return result instanceof Promise ? result.finally(() => answer.end()).then(finish) : finish(result);
  }

  const executeBounded = (args: ExecutionArgs) =>
    withBudget(args, execute, (failure) => {
      const isMutation = getOperationAST(args.document, args.operationName)?.operation === 'mutation';
      return failed(failure, isMutation ? ' The changes of this mutation stay.' : '');
    });

  async function subscribeBounded(args: ExecutionArgs) {
    const checked = validateSubscriptionArgs(args);
    if (!('schema' in checked)) return { errors: checked };
    const events = await createSourceEventStream(checked);
    if (!isFeed(events)) return events;
    return mapSourceToResponseEvent(checked, events, (event) =>
      withBudget(event, executeSubscriptionEvent, (failure) => {
        // The next event would be as large, and a client that misses one cannot go on.
        void events.return?.();
        return failed(failure, ' This subscription ends here.');
      }),
    );
  }

  return {
    onExecute: ({ setExecuteFn }) => setExecuteFn(executeBounded),
    onSubscribe: ({ setSubscribeFn }) => setSubscribeFn(subscribeBounded),
  };
}

function failed({ error, where }: AnswerFailure, remark: string): ExecutionResult {
  return {
    data: null,
    errors: [
      new GraphQLError(error.message + remark, {
        path: responsePathAsArray(where as Parameters<typeof responsePathAsArray>[0]),
        extensions: { code: error.code },
      }),
    ],
  };
}

function isFeed(result: object): result is AsyncIterableIterator<unknown> {
  return Symbol.asyncIterator in result;
}
