import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createStoredBytes } from '../../../src/runner/storage/stored-bytes.ts';

test('sizes count for their user and in total, and things of no user in total only', () => {
  const stored = createStoredBytes();
  stored.set('job_1', 'ada', 10);
  stored.set('job_2', 'bob', 20);
  stored.set('dataset a.csv', null, 40);
  stored.set('job_1', 'ada', 15);
  expect([stored.of('ada'), stored.of('bob'), stored.total]).toEqual([15, 20, 75]);
  stored.set('job_2', 'ada', 1);
  stored.delete('dataset a.csv');
  stored.delete('job_9');
  expect([stored.of('ada'), stored.of('bob'), stored.total]).toEqual([16, 0, 16]);
});

test('a measurement replaces everything except what changed while it ran', async () => {
  const stored = createStoredBytes();
  for (const key of ['same', 'grown', 'vanished', 'deleted', 'replaced']) stored.set(key, 'ada', 10);
  const measurement = stored.startMeasurement();
  for (const key of ['same', 'deleted', 'replaced']) measurement.add(key, 10);
  measurement.add('grown', 20);
  measurement.add('grown', 5);
  measurement.add('found', 3);
  stored.delete('deleted');
  stored.set('replaced', 'bob', 7);
  stored.set('uploaded', 'bob', 2);
  await measurement.apply((key) => (key === 'found' ? null : 'ada'));
  expect([stored.of('ada'), stored.of('bob'), stored.total]).toEqual([35, 9, 47]);
});

test('sizes that change while a measurement is applied stay', async () => {
  const stored = createStoredBytes();
  const keys = Array.from({ length: 5_000 }, (_, n) => `job_${n}`);
  for (const key of keys) stored.set(key, 'ada', 1);
  const measurement = stored.startMeasurement();
  for (const key of keys) measurement.add(key, 2);
  const applied = measurement.apply(() => 'ada');
  stored.set('job_4999', 'ada', 7);
  stored.delete('job_4998');
  stored.set('new', 'ada', 5);
  expect(stored.total).toBeLessThan(10_000);
  await applied;
  expect(stored.total).toBe(4_998 * 2 + 7 + 5);
});

test('for any changes, the totals are the sums of the sizes', async () => {
  const keys = fc.constantFrom('a', 'b', 'c', 'd');
  const changes = fc.array(
    fc.record({
      key: keys,
      user: fc.constantFrom('ada', 'bob', null),
      bytes: fc.option(fc.nat(100)),
      measure: fc.boolean(),
    }),
  );
  await fc.assert(
    fc.asyncProperty(changes, async (all) => {
      const stored = createStoredBytes();
      const expected = new Map<string, { user: string | null; bytes: number }>();
      for (const { key, user, bytes, measure } of all) {
        if (measure) {
          const measurement = stored.startMeasurement();
          for (const [known, entry] of expected) measurement.add(known, entry.bytes);
          await measurement.apply((known) => expected.get(known)?.user ?? null);
        } else if (bytes === null) {
          stored.delete(key);
          expected.delete(key);
        } else {
          stored.set(key, user, bytes);
          expected.set(key, { user, bytes });
        }
      }
      const sum = (user?: string) =>
        [...expected.values()]
          .filter((entry) => user === undefined || entry.user === user)
          .reduce((total, entry) => total + entry.bytes, 0);
      expect([stored.total, stored.of('ada'), stored.of('bob')]).toEqual([sum(), sum('ada'), sum('bob')]);
    }),
  );
});
