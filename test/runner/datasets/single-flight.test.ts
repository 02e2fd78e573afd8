import { expect, test } from 'vitest';
import { createSingleFlight } from '../../../src/runner/datasets/single-flight.ts';

/** Work that the test ends. */
function controlled() {
  const started: { signal: AbortSignal; end: (value: string) => void }[] = [];
  const work = (signal: AbortSignal) =>
    new Promise<string>((resolve, reject) => {
      started.push({ signal, end: resolve });
      signal.addEventListener('abort', () => reject(signal.reason as Error));
    });
  return { started, work };
}

test('work runs once for all concurrent callers, and again for a later caller', async () => {
  const singleFlight = createSingleFlight<string>();
  const { started, work } = controlled();
  const waiting = [singleFlight('a', undefined, work), singleFlight('a', undefined, work), singleFlight('b', undefined, work)];
  expect(started).toHaveLength(2);
  started[0]?.end('first');
  started[1]?.end('other');
  expect(await Promise.all(waiting)).toEqual(['first', 'first', 'other']);
  const later = singleFlight('a', undefined, work);
  started[2]?.end('second');
  expect(await later).toBe('second');
});

test('work continues while one caller waits, and is aborted with the last; a later caller starts it again', async () => {
  const singleFlight = createSingleFlight<string>();
  const { started, work } = controlled();
  const [first, second] = [new AbortController(), new AbortController()];
  const waiting = [singleFlight('a', first.signal, work), singleFlight('a', second.signal, work)];
  const outcomes = Promise.allSettled(waiting);
  first.abort(new Error('first left'));
  await expect(waiting[0]).rejects.toThrow('first left');
  expect(started[0]?.signal.aborted).toBe(false);
  second.abort(new Error('second left'));
  await expect(waiting[1]).rejects.toThrow('second left');
  expect(started[0]?.signal.aborted).toBe(true);
  const next = singleFlight('a', undefined, work);
  started[1]?.end('second');
  expect(await next).toBe('second');
  await outcomes;
});

test('an aborted caller starts no work', async () => {
  const singleFlight = createSingleFlight<string>();
  const { started, work } = controlled();
  await expect(singleFlight('a', AbortSignal.abort(new Error('gone')), work)).rejects.toThrow('gone');
  expect(started).toEqual([]);
});
