import { expect, test } from 'vitest';
import { createConcurrencyLimit } from '../../../src/runner/datasets/concurrency-limit.ts';

const never = new AbortController().signal;
const create = (maxWaitMs = 60_000) =>
  createConcurrencyLimit({ maxConcurrent: 1, maxWaiting: 2, maxWaitMs, full: () => new Error('full') });

test('runs waiting work in order, refuses work when the queue is full, and starts the next after a failure', async () => {
  const limited = create();
  const order: string[] = [];
  let endFirst = () => {};
  const first = limited(() => new Promise<void>((_resolve, reject) => (endFirst = () => reject(new Error('bad')))), never);
  const second = limited(() => Promise.resolve(order.push('second')), never);
  const third = limited(() => Promise.resolve(order.push('third')), never);
  await expect(limited(() => Promise.resolve(order.push('fourth')), never)).rejects.toThrow('full');
  await Promise.resolve();
  endFirst();
  await expect(first).rejects.toThrow('bad');
  await Promise.all([second, third]);
  expect(order).toEqual(['second', 'third']);
  expect(await limited(() => Promise.resolve('free again'), never)).toBe('free again');
});

test('never runs work that leaves the queue or waits too long, and frees its place', async () => {
  const limited = create(100);
  let end = () => {};
  const first = limited(() => new Promise<void>((resolve) => (end = resolve)), never);
  const leaving = new AbortController();
  const left = limited(() => Promise.resolve('left'), leaving.signal);
  const late = limited(() => Promise.resolve('late'), never);
  leaving.abort(new Error('left'));
  await expect(left).rejects.toThrow('left');
  await expect(late).rejects.toThrow('full');
  const next = limited(() => Promise.resolve('next'), never);
  end();
  await first;
  expect(await next).toBe('next');
});
