import { expect, test } from 'vitest';
import { createKeyedQueue } from '../../src/runner/keyed-queue.ts';

/** Work that the test ends. */
function piece(log: string[], name: string) {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const work = async () => {
    log.push(`${name} starts`);
    try {
      return await promise;
    } finally {
      log.push(`${name} ends`);
    }
  };
  return { work, end: () => resolve(name), fail: () => reject(new Error(name)) };
}

test('work of one key runs in order, one piece at a time, also after a failure', async () => {
  const queue = createKeyedQueue();
  const log: string[] = [];
  const [first, second, third] = [piece(log, 'first'), piece(log, 'second'), piece(log, 'third')];
  const results = Promise.allSettled([first, second, third].map(({ work }) => queue.run('a', work)));
  for (const { end } of [third, second]) end();
  first.fail();
  expect(await results).toMatchObject([{ status: 'rejected' }, { value: 'second' }, { value: 'third' }]);
  expect(log).toEqual(['first', 'second', 'third'].flatMap((name) => [`${name} starts`, `${name} ends`]));
});

test('work of different keys runs concurrently', async () => {
  const queue = createKeyedQueue();
  const log: string[] = [];
  const [a, b] = [piece(log, 'a'), piece(log, 'b')];
  const blocked = queue.run('a', a.work);
  b.end();
  expect(await queue.run('b', b.work)).toBe('b');
  expect(log).toEqual(['a starts', 'b starts', 'b ends']);
  a.end();
  await blocked;
});

test('settled() waits for all accepted work', async () => {
  const queue = createKeyedQueue();
  const log: string[] = [];
  const [one, two] = [piece(log, 'one'), piece(log, 'two')];
  queue.run('a', one.work).catch(() => undefined);
  void queue.run('a', two.work);
  const settled = queue.settled().then(() => log.push('settled'));
  one.fail();
  two.end();
  await settled;
  expect(log.at(-1)).toBe('settled');
});
