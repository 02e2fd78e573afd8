import type { IncomingMessage } from 'node:http';
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
  type ValidatedSubscriptionArgs,
  validateSubscriptionArgs,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { FeedEvents } from '../../runner/index.ts';
import { createDirectFeed } from '../fan-out/direct-feed.ts';
import type { Outlet } from '../fan-out/outlet.ts';
import { createSharedAnswers } from '../fan-out/shared-answers.ts';
import { createSharedFeed } from '../fan-out/shared-feed.ts';
import { type Answer, type AnswerBounds, type AnswerFailure, createAnswers } from '../../resolvers/answer.ts';

/** Execution with a byte budget for each answer. */
export interface BoundedExecution {
  readonly plugin: Plugin;
  readonly execute: (args: ExecutionArgs) => ExecutionResult | Promise<ExecutionResult>;
  /**
   * Runs a function that creates an answer synchronously.
   * @returns null if it fails, or the answer exceeds the budget
   */
  readonly attempt: <Data>(run: (answer: Answer) => Data) => Data | null;
  /** Sets the result of the one operation of an HTTP request, which is then not executed again. */
  readonly handOver: (request: IncomingMessage, result: ExecutionResult) => void;
}

/**
 * Executes operations with a byte budget for each answer, on the steps that HTTP, SSE and WebSocket share. An answer that exceeds
 * it is aborted during execution, so memory never holds more than the budget. The client gets one error and no data; a subscription
 * ends with it.
 *
 * Uses GraphQL's own executor: its iterators forward `return()` immediately, even while they wait for an event.
 */
export function createBoundedExecution(bounds: AnswerBounds): BoundedExecution {
  const createAnswer = createAnswers(bounds);
  const shared = createSharedAnswers();

  function withBudget<Args extends { readonly contextValue?: unknown }>(
    args: Args,
    run: (args: Args) => ExecutionResult | Promise<ExecutionResult>,
    abort: (failure: AnswerFailure) => ExecutionResult,
  ): ExecutionResult | Promise<ExecutionResult> {
    const answer = createAnswer();
    const finish = (result: ExecutionResult) => (answer.failure ? abort(answer.failure) : result);
    let result: ExecutionResult | Promise<ExecutionResult> | undefined;
    try {
      // A separate context for each answer: a subscription shares its context with all of its events.
      result = run({ ...args, contextValue: withAnswer(args.contextValue as object, answer) });
    } finally {
      if (!(result instanceof Promise)) answer.end();
    }
    return result instanceof Promise ? result.finally(() => answer.end()).then(finish) : finish(result);
  }

  const executeBounded = (args: ExecutionArgs) =>
    withBudget(args, execute, (failure) => {
      const isMutation = getOperationAST(args.document, args.operationName)?.operation === 'mutation';
      return failed(failure, isMutation ? ' The changes of this mutation were made.' : '');
    });

  async function subscribeBounded(args: ExecutionArgs) {
    const checked = validateSubscriptionArgs(args);
    if (!('schema' in checked)) return { errors: checked };
    const events = await createSourceEventStream(checked);
    if (!isFeed(events)) return events;
    const executeEvent = (event: ValidatedSubscriptionArgs) =>
      withBudget(event, executeSubscriptionEvent, (failure) => {
        // The next event would be as large, and a client that misses one cannot continue.
        void events.return?.();
        return failed(failure, ' This subscription ends here.');
      });
    if (!('take' in events)) return mapSourceToResponseEvent(checked, events, executeEvent);
    const { outlet } = args.contextValue as { outlet?: Outlet };
    const audience = shared.join(args.document, args.operationName, args.variableValues);
    return outlet
      ? createDirectFeed(checked, events as FeedEvents<unknown>, audience, outlet, executeEvent)
      : createSharedFeed(checked, events, audience, executeEvent);
  }

  function attempt<Data>(run: (answer: Answer) => Data): Data | null {
    const answer = createAnswer();
    try {
      const data = run(answer);
      return answer.failure ? null : data;
    } catch {
      return null;
    } finally {
      answer.end();
    }
  }

  const results = new WeakMap<object, ExecutionResult>();

  return {
    execute: executeBounded,
    attempt,
    handOver: (request, result) => void results.set(request, result),
    plugin: {
      onExecute: ({ setExecuteFn }) =>
        setExecuteFn((args: ExecutionArgs) => {
          const { req } = args.contextValue as { req?: object };
          return (req && results.get(req)) ?? executeBounded(args);
        }),
      onSubscribe: ({ setSubscribeFn }) => setSubscribeFn(subscribeBounded),
    },
  };
}

/** The same context with an answer. It inherits the other properties, so that they do not count as read (see `observeContext`). */
function withAnswer(context: object, answer: Answer): object {
  return Object.create(context, { answer: { value: answer, enumerable: true } }) as object;
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
