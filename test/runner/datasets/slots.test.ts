import { expect, test } from 'vitest';
import { createSlots } from '../../../src/runner/datasets/slots.ts';

const never = new AbortController().signal;
const create = (maxWaitMs = 60_000) =>
  createSlots({ slots: 1, maxWaiting: 2, maxWaitMs, full: () => new Error('full') });

test('work waits in order, beyond the queue it is refused, and a failure gives its slot on', async () => {
  const inSlot = create();
  const order: string[] = [];
  let endFirst = () => {};
  const first = inSlot(() => new Promise<void>((_resolve, reject) => (endFirst = () => reject(new Error('bad')))), never);
  const second = inSlot(() => Promise.resolve(order.push('second')), never);
  const third = inSlot(() => Promise.resolve(order.push('third')), never);
  await expect(inSlot(() => Promise.resolve(order.push('fourth')), never)).rejects.toThrow('full');
  await Promise.resolve();
  endFirst();
  await expect(first).rejects.toThrow('bad');
  await Promise.all([second, third]);
  expect(order).toEqual(['second', 'third']);
  expect(await inSlot(() => Promise.resolve('free again'), never)).toBe('free again');
});

test('who leaves the queue, or waits for too long in it, is never run, and makes room', async () => {
  const inSlot = create(100);
  let end = () => {};
  const first = inSlot(() => new Promise<void>((resolve) => (end = resolve)), never);
  const leaving = new AbortController();
  const left = inSlot(() => Promise.resolve('left'), leaving.signal);
  const late = inSlot(() => Promise.resolve('late'), never);
  leaving.abort(new Error('left'));
  await expect(left).rejects.toThrow('left');
  await expect(late).rejects.toThrow('full');
  const next = inSlot(() => Promise.resolve('next'), never);
  end();
  await first;
  expect(await next).toBe('next');
});
