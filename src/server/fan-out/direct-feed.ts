import { AsyncLocalStorage } from 'node:async_hooks';
import type { ExecutionResult, ValidatedSubscriptionArgs } from 'graphql';
import type { FeedEvents } from '../../runner/index.ts';
import type { Outlet } from './outlet.ts';
import type { Audience, ExecuteEvent } from './shared-answers.ts';

type Result = IteratorResult<ExecutionResult, undefined>;

type Taken = Awaited<ReturnType<FeedEvents<unknown>['take']>>;

/** Messages that one feed sends before other work has its turn. */
const MESSAGES_AT_ONCE = 32;

const END = { done: true, value: undefined } as const;

/**
 * The answers of a subscription. While its transport waits for the next one, answers that are ready for the audience go straight to the
 * connection; `next()` returns only results that need the usual path: a result for this subscriber only, an error, or the end. So the
 * transport and all layers around this feed work as usual, and see fewer answers than the client does.
 * @param events the position of this subscriber: here too it gets the next event only after the last answer was sent
 */
export function createDirectFeed(
  args: ValidatedSubscriptionArgs,
  events: FeedEvents<unknown>,
  audience: Audience,
  outlet: Outlet,
  execute: ExecuteEvent,
): AsyncGenerator<ExecutionResult, undefined> {
  // The transport calls next() only after the last result. Other callers wait for their turn.
  let previous: Promise<unknown> = Promise.resolve();

  const feed: AsyncGenerator<ExecutionResult, undefined> = {
    next() {
      const result = previous.then(() => new Promise<Result>(pump));
      previous = result.catch(() => undefined);
      return result;
    },
    async return() {
      audience.leave();
      await events.return?.();
      return END;
    },
    async throw(error: unknown) {
      audience.leave();
      await events.return?.();
      throw error;
    },
    [Symbol.asyncIterator]: () => feed,
    async [Symbol.asyncDispose]() {
      await feed.return(undefined);
    },
  };
  return feed;

  /** Sends answers until one needs the usual path. */
  function pump(resolve: (result: Result | Promise<Result>) => void, reject: (error: unknown) => void): void {
    // A change wakes this feed in the scope of its cause, which has its own log and trace context.
    const scope = AsyncLocalStorage.snapshot();
    const executeInScope: ExecuteEvent = (event) => scope(execute, event);
    // Not at once: the change is still being published.
    const wake = () => queueMicrotask(take);

    function take(): void {
      try {
        for (let sent = 0; sent < MESSAGES_AT_ONCE; sent += 1) {
          const found = events.take(wake);
          if (found instanceof Promise) {
            found.then((later) => handle(later) && take()).catch(fail);
            return;
          }
          if (!handle(found)) return;
        }
        setImmediate(take);
      } catch (error) {
        fail(error);
      }
    }

    /** @returns whether the next event can be taken */
    function handle(found: Taken): boolean {
      if (found === 'WAIT') return false;
      if (found === 'END') {
        audience.leave();
        resolve(END);
        return false;
      }
      const answer = audience.answer(found.event, args, executeInScope);
      if (!('own' in answer)) return outlet.send(answer, take);
      resolve(usual(answer.own));
      return false;
    }

    function fail(error: unknown): void {
      audience.leave();
      reject(error);
    }

    take();
  }
}

function usual(result: ExecutionResult | Promise<ExecutionResult>): Result | Promise<Result> {
  return result instanceof Promise ? result.then(usual) : { done: false, value: result };
}
