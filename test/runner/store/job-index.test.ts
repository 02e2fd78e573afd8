import { expect, test } from 'vitest';
import { createJobIndex } from '../../../src/runner/store/job-index.ts';
import { NEWEST_FIRST } from '../../../src/runner/store/job-order.ts';
import { aJob } from '../job/a-job.ts';

const five = () => {
  const list = createJobIndex();
  // Not in order, and two of the same millisecond.
  for (const [id, createdAt] of [
    ['c', 3],
    ['a', 1],
    ['b2', 2],
    ['b1', 2],
    ['d', 4],
  ] as const) {
    list.set(aJob({ id, createdAt }));
  }
  return list;
};
const ids = (jobs: readonly { id: string }[]) => jobs.map(({ id }) => id).join(' ');
const b2 = { key: 2, id: 'b2' };
const oldestFirst = { ...NEWEST_FIRST, direction: 'ASC' } as const;

test('lists the newest first, ties by id', () => {
  expect(ids(five().page({ limit: 10 }))).toBe('d c b2 b1 a');
  expect(ids(five().page({ limit: 10, orderBy: oldestFirst }))).toBe('a b1 b2 c d');
});

test('pages forwards and backwards from a key, in both directions', () => {
  expect(ids(five().page({ limit: 2, after: b2 }))).toBe('b1 a');
  expect(ids(five().page({ limit: 2, before: b2 }))).toBe('d c');
  expect(ids(five().page({ limit: 1, before: b2, fromEnd: true }))).toBe('c');
  expect(ids(five().page({ limit: 1, fromEnd: true }))).toBe('a');
  expect(ids(five().page({ limit: 2, after: b2, orderBy: oldestFirst }))).toBe('c d');
  expect(ids(five().page({ limit: 1, before: b2, orderBy: oldestFirst, fromEnd: true }))).toBe('b1');
  expect(ids(five().page({ limit: 5, after: { key: 4, id: 'd' }, before: b2 }))).toBe('c');
});

test('a page after a deleted job continues at the position of that job', () => {
  const list = five();
  list.delete('b2');
  expect(ids(list.page({ limit: 2, after: b2 }))).toBe('b1 a');
  expect(list.count()).toBe(4);
});

test('replacing a job does not move it', () => {
  const list = five();
  list.set(aJob({ id: 'a', createdAt: 1, device: 'cpu' }));
  expect(ids(list.page({ limit: 10 }))).toBe('d c b2 b1 a');
  expect(list.get('a')?.device).toBe('cpu');
});

test('every condition of a filter must hold', () => {
  const list = createJobIndex();
  list.set(aJob({ id: 'x', request: { name: 'Houses', tags: ['nightly', 'eu'] } }));
  list.set(
    aJob({ id: 'y', request: { name: 'cars', tags: ['nightly'] }, state: { status: 'STARTING', startedAt: 1 } }),
  );
  expect(list.count({ tags: ['nightly'] })).toBe(2);
  expect(list.count({ tags: ['eu', 'us'] })).toBe(1);
  expect(list.count({ name: 'HOUSE' })).toBe(1);
  expect(list.count({ status: ['STARTING'], tags: ['eu'] })).toBe(0);
  expect(list.count({ status: [] })).toBe(0);
});
