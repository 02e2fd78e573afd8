import { type ExecutionResult, mapSourceToResponseEvent, type ValidatedSubscriptionArgs } from 'graphql';
import { endingWith } from '../ending-with.ts';
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
  return endingWith(answers, () => audience.leave());
}
