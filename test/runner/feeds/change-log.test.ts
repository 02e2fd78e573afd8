import { expect, test } from 'vitest';
import { createChangeLog } from '../../../src/runner/feeds/change-log.ts';
import { aJob } from '../job/a-job.ts';

test('returns the changes after a number in order, and says which of them were replaced', () => {
  const log = createChangeLog();
  for (const [number, jobId] of [
    [3, 'a'],
    [7, 'b'],
    [8, 'a'],
  ] as const) {
    log.add({ number, jobId, before: undefined });
  }
  expect(log.next(0)?.number).toBe(3);
  expect(log.next(3)?.number).toBe(7);
  expect(log.next(7)?.number).toBe(8);
  expect(log.next(8)).toBeUndefined();
  const [first, last] = [log.next(0), log.next(7)];
  expect(first && log.isNewest(first)).toBe(false);
  expect(last && log.isNewest(last)).toBe(true);
});

test('a million changes of few jobs take little memory, and each job keeps its newest change', () => {
  const log = createChangeLog();
  const job = aJob();
  for (let number = 1; number <= 1_000_000; number += 1) {
    log.add({ number, jobId: `job ${number % 10}`, before: job });
  }
  let held = 0;
  const newest: number[] = [];
  for (let change = log.next(0); change; change = log.next(change.number)) {
    held += 1;
    if (log.isNewest(change)) newest.push(change.number);
  }
  expect(held).toBeLessThan(2000);
  expect(newest).toEqual(Array.from({ length: 10 }, (_, index) => 1_000_000 - 9 + index));
});
