import { type ExecutionResult, mapSourceToResponseEvent, type ValidatedSubscriptionArgs } from 'graphql';
import type { Audience, ExecuteEvent } from './shared-answers.ts';

/**
 * The answers of a subscription for a transport that takes one result after the other, such as server-sent events. Results that are the
 * same for the audience are executed and serialized once.
 * @param events the position of this subscriber: it gets the next event only when its transport asks for one
 */
export function createSharedFeed(
  args: ValidatedSubscriptionArgs,
  events: AsyncIterable<unknown>,
  audience: Audience,
  execute: ExecuteEvent,
): AsyncGenerator<ExecutionResult, void, void> {
  const answers = mapSourceToResponseEvent(args, events, (event) => {
    const answer = audience.answer(event.rootValue, event, execute);
    // A copy for each subscriber, so that none can change the result of another.
    return 'own' in answer ? answer.own : { ...answer.result };
  });
  return leavingAtEnd(answers, () => audience.leave());
}

function leavingAtEnd<Value>(
  values: AsyncGenerator<Value, void, void>,
  leave: () => void,
): AsyncGenerator<Value, void, void> {
  const feed: AsyncGenerator<Value, void, void> = {
    async next() {
      try {
        const result = await values.next();
        if (result.done) leave();
        return result;
      } catch (error) {
        leave();
        throw error;
      }
    },
    return(value) {
      leave();
      return values.return(value);
    },
    throw(error) {
      leave();
      return values.throw(error);
    },
    [Symbol.asyncIterator]: () => feed,
    async [Symbol.asyncDispose]() {
      await feed.return();
    },
  };
  return feed;
}
