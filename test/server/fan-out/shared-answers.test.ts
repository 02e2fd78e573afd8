import {
  buildSchema,
  executeSubscriptionEvent,
  type GraphQLFieldResolver,
  parse,
  type ValidatedSubscriptionArgs,
  validateSubscriptionArgs,
} from 'graphql';
import { expect, test } from 'vitest';
import { createSharedAnswers } from '../../../src/server/fan-out/shared-answers.ts';

interface Event {
  readonly number: number;
}
interface TestContext {
  readonly runner: { readonly size: number };
  readonly caller: string;
}

const DOCUMENT = parse('subscription { event }');

/** A subscriber of `event`, and the number of executions so far. */
function subscribe(resolve: GraphQLFieldResolver<Event, TestContext>) {
  const schema = buildSchema('type Query { size: Int } type Subscription { event: String }');
  const field = schema.getSubscriptionType()?.getFields()['event'];
  if (field) field.resolve = resolve as GraphQLFieldResolver<unknown, unknown>;
  const shared = createSharedAnswers();
  let executions = 0;
  return {
    join(contextValue: TestContext, variables: object = {}, document = DOCUMENT) {
      const args = validateSubscriptionArgs({ schema, document, contextValue }) as ValidatedSubscriptionArgs;
      const audience = shared.join(document, null, variables);
      const answer = async (event: Event) => {
        const found = audience.answer(event, args, (one) => {
          executions += 1;
          return executeSubscriptionEvent(one);
        });
        return 'own' in found ? { own: JSON.parse(JSON.stringify(await found.own)) as unknown } : found.bytes;
      };
      return { answer, leave: () => audience.leave() };
    },
    executions: () => executions,
  };
}

const client = (caller: string): TestContext => ({ caller, runner: { size: 1 } });

test('subscribers of the same document share one execution for each event', async () => {
  const { join, executions } = subscribe(({ number }) => `event ${number} é`);
  const [one, other] = [join(client('a')), join(client('b'))];
  const first = await one.answer({ number: 1 });
  expect(Buffer.from(first as string, 'latin1').toString()).toBe('{"data":{"event":"event 1 é"}}');
  expect(await other.answer({ number: 1 })).toBe(first);
  expect(executions()).toBe(1);
  expect(await other.answer({ number: 2 })).not.toBe(first);
  expect(await one.answer({ number: 2 })).toBe(await other.answer({ number: 2 }));
  expect(executions()).toBe(2);
});

test('other variables and other documents share nothing', async () => {
  const { join, executions } = subscribe(({ number }) => String(number));
  for (const [variables, document] of [
    [{}, DOCUMENT],
    [{ a: 1 }, DOCUMENT],
    [{ a: 2 }, DOCUMENT],
    [{}, parse('subscription { event }')],
  ] as const) {
    await join(client('a'), variables, document).answer({ number: 1 });
  }
  expect(executions()).toBe(4);
});

test('an answer that depends on the client is for this client only', async () => {
  const { join } = subscribe(({ number }, _args, { caller }) => `${number} for ${caller}`);
  const [one, other] = [join(client('a')), join(client('b'))];
  for (const number of [1, 2]) {
    expect(await one.answer({ number })).toEqual({ own: { data: { event: `${number} for a` } } });
    expect(await other.answer({ number })).toEqual({ own: { data: { event: `${number} for b` } } });
  }
});

test('a client that lists what the context has gets an answer of its own', async () => {
  const { join } = subscribe((_event, _args, context) => Object.keys(context).join());
  expect(await join(client('a')).answer({ number: 1 })).toEqual({ own: { data: { event: 'caller,runner' } } });
});

test('an answer that depends on the runner is shared only at the same moment', async () => {
  const { join, executions } = subscribe((_event, _args, { runner }) => String(runner.size));
  const [one, other] = [join(client('a')), join(client('b'))];
  expect(await one.answer({ number: 1 })).toBe(await other.answer({ number: 1 }));
  expect(executions()).toBe(1);
  await new Promise((resolve) => setImmediate(resolve));
  await other.answer({ number: 1 });
  expect(executions()).toBe(2);
});

test('an answer with an error, and one that takes time, is for one client only', async () => {
  const failing = subscribe(() => {
    throw new Error('no');
  });
  const slow = subscribe(({ number }) => Promise.resolve(String(number)));
  for (const { join, executions } of [failing, slow]) {
    const [one, other] = [join(client('a')), join(client('b'))];
    expect(await one.answer({ number: 1 })).toHaveProperty('own');
    expect(await other.answer({ number: 1 })).toHaveProperty('own');
    expect(executions()).toBe(2);
  }
});

test('nothing is kept for an audience without subscribers', async () => {
  const { join, executions } = subscribe(({ number }) => String(number));
  const one = join(client('a'));
  await one.answer({ number: 1 });
  one.leave();
  one.leave();
  await join(client('b')).answer({ number: 1 });
  expect(executions()).toBe(2);
});
