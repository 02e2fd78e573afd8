import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createTurnLimit } from '../../../src/runner/life/turn-limit.ts';

test('at most so many pieces of work start in a turn of the event loop, in the order of the calls', async () => {
  const limit = createTurnLimit(2);
  const started: number[] = [];
  const run = async (number: number) => {
    await limit.enter();
    started.push(number);
  };
  const all = Promise.all([1, 2, 3, 4, 5].map(run));
  await Promise.resolve();
  expect(started).toEqual([1, 2]);
  await nextTurn();
  expect(started).toEqual([1, 2, 3, 4]);
  await all;
  expect(started).toEqual([1, 2, 3, 4, 5]);
});

test('work starts at once again after a turn without any', async () => {
  const limit = createTurnLimit(1);
  expect(limit.enter()).toBeUndefined();
  expect(limit.enter()).toBeInstanceOf(Promise);
  await nextTurn();
  await nextTurn();
  await nextTurn();
  expect(limit.enter()).toBeUndefined();
});
