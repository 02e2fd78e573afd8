import {
  buildSchema,
  type ExecutionResult,
  executeSubscriptionEvent,
  parse,
  type ValidatedSubscriptionArgs,
  validateSubscriptionArgs,
} from 'graphql';
import { expect, test } from 'vitest';
import { createSharedAnswers } from '../../../src/server/fan-out/shared-answers.ts';
import { createSharedFeed } from '../../../src/server/fan-out/shared-feed.ts';

const schema = buildSchema('type Query { size: Int } type Subscription { event: String }');
const document = parse('subscription { event }');

/** Feeds of events that exist already, with the number of executions so far. */
function createFeeds() {
  const shared = createSharedAnswers();
  let executions = 0;
  return {
    executions: () => executions,
    open(events: AsyncIterable<unknown>) {
      const args = validateSubscriptionArgs({ schema, document, contextValue: {} }) as ValidatedSubscriptionArgs;
      return createSharedFeed(args, events, shared.join(document, null, {}), (event) => {
        executions += 1;
        return executeSubscriptionEvent(event);
      });
    },
  };
}

async function* these(events: readonly unknown[]) {
  for (const event of events) yield await Promise.resolve(event);
}

const textOf = (result: IteratorResult<ExecutionResult, void>) =>
  (result.value as { stringify?: () => string } | undefined)?.stringify?.();

test('readers of the same document share one execution and one text, each at its own position', async () => {
  const feeds = createFeeds();
  const events = [{ event: 'one' }, { event: 'two' }];
  const [first, second] = [feeds.open(these(events)), feeds.open(these(events))];
  const results = [await first.next(), await second.next()];
  expect(results.map(textOf)).toEqual(['{"data":{"event":"one"}}', '{"data":{"event":"one"}}']);
  expect(results[0]?.value).not.toBe(results[1]?.value);
  expect(feeds.executions()).toBe(1);
  expect(textOf(await first.next())).toBe('{"data":{"event":"two"}}');
  expect(await first.next()).toEqual({ done: true, value: undefined });
  expect(textOf(await second.next())).toBe('{"data":{"event":"two"}}');
  expect(feeds.executions()).toBe(2);
});

test('nothing is kept after the last reader has gone, at the end or before it', async () => {
  const feeds = createFeeds();
  const events = [{ event: 'one' }];
  const toTheEnd = feeds.open(these(events));
  await toTheEnd.next();
  await toTheEnd.next();
  const leaving = feeds.open(these(events));
  await leaving.next();
  expect(feeds.executions()).toBe(2);
  await leaving.return();
  await feeds.open(these(events)).next();
  expect(feeds.executions()).toBe(3);
});
