import { expect, test } from 'vitest';
import { createSharedWork } from '../../../src/runner/datasets/shared-work.ts';

/** Work whose end is in the hands of the test. */
function controlled() {
  const begun: { signal: AbortSignal; end: (value: string) => void }[] = [];
  const work = (signal: AbortSignal) =>
    new Promise<string>((resolve, reject) => {
      begun.push({ signal, end: resolve });
      signal.addEventListener('abort', () => reject(signal.reason as Error));
    });
  return { begun, work };
}

test('work is done once for all who wait for it, and again for who comes after its end', async () => {
  const share = createSharedWork<string>();
  const { begun, work } = controlled();
  const waiting = [share('a', undefined, work), share('a', undefined, work), share('b', undefined, work)];
  expect(begun).toHaveLength(2);
  begun[0]?.end('first');
  begun[1]?.end('other');
  expect(await Promise.all(waiting)).toEqual(['first', 'first', 'other']);
  const later = share('a', undefined, work);
  begun[2]?.end('second');
  expect(await later).toBe('second');
});

test('work goes on while one waits, is aborted with the last, and is not joined after that', async () => {
  const share = createSharedWork<string>();
  const { begun, work } = controlled();
  const [first, second] = [new AbortController(), new AbortController()];
  const waiting = [share('a', first.signal, work), share('a', second.signal, work)];
  const outcomes = Promise.allSettled(waiting);
  first.abort(new Error('first left'));
  await expect(waiting[0]).rejects.toThrow('first left');
  expect(begun[0]?.signal.aborted).toBe(false);
  second.abort(new Error('second left'));
  await expect(waiting[1]).rejects.toThrow('second left');
  expect(begun[0]?.signal.aborted).toBe(true);
  const next = share('a', undefined, work);
  begun[1]?.end('anew');
  expect(await next).toBe('anew');
  await outcomes;
});

test('who has left already does not begin anything', async () => {
  const share = createSharedWork<string>();
  const { begun, work } = controlled();
  await expect(share('a', AbortSignal.abort(new Error('gone')), work)).rejects.toThrow('gone');
  expect(begun).toEqual([]);
});
