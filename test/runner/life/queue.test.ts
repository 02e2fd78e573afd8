import { expect, test } from 'vitest';
import { createQueue } from '../../../src/runner/life/queue.ts';
import { aJob } from '../job/a-job.ts';

/** A queue to which jobs are added by name. */
function queueOf(slots: number, gpus = 0) {
  const queue = createQueue();
  queue.setCapacity({ slots, gpus });
  return {
    queue,
    add: (id: string, request: { priority?: number; gpus?: number | null } = {}) =>
      queue.add(aJob({ id, request, place: queue.nextPlace() })),
    leave: (id: string) => queue.leave(id),
    grant: () => queue.grant(),
  };
}

test('higher priority first, then first come', () => {
  const { add, grant, queue } = queueOf(4);
  add('a');
  add('b', { priority: 5 });
  add('c', { priority: 5 });
  add('d', { priority: -1 });
  expect(['a', 'b', 'c', 'd', 'x'].map((id) => queue.position(id))).toEqual([3, 1, 2, 4, null]);
  expect([grant(), grant(), grant(), grant(), grant()]).toEqual(['b', 'c', 'a', 'd', undefined]);
});

test('grants no more than the slots, and continues when one is freed', () => {
  const { add, grant, leave, queue } = queueOf(1);
  add('a');
  add('b');
  expect([grant(), grant()]).toEqual(['a', undefined]);
  expect([queue.waiting, queue.freeSlots]).toEqual([1, 0]);
  leave('a');
  expect(grant()).toBe('b');
});

test('a job that could not be launched gets its old place back', () => {
  const { queue, grant } = queueOf(1);
  queue.add(aJob({ id: 'a', place: 1 }));
  queue.add(aJob({ id: 'b', place: 2 }));
  expect(grant()).toBe('a');
  queue.add(aJob({ id: 'a', place: 1 }));
  expect(grant()).toBe('a');
});

test('grants no more GPUs than exist, including those of adopted jobs', () => {
  const { add, grant, leave, queue } = queueOf(9, 3);
  queue.adopt(aJob({ id: 'old', request: { gpus: 1 } }));
  add('a', { gpus: 2 });
  add('b', { gpus: 1 });
  expect([grant(), grant()]).toEqual(['a', undefined]);
  leave('old');
  expect(grant()).toBe('b');
  leave('a');
  add('c', { gpus: 2 });
  expect(grant()).toBe('c');
});

test('grants nothing before its capacity is known, and everything to a launcher with its own queue', () => {
  const queue = createQueue();
  queue.add(aJob({ id: 'a', request: { gpus: 8 } }));
  expect(queue.grant()).toBeUndefined();
  queue.setCapacity('EXTERNAL');
  expect(queue.grant()).toBe('a');
});

test('smaller jobs overtake one that does not fit, but do not starve it', () => {
  const { add, grant, leave } = queueOf(99, 2);
  add('first', { gpus: 1 });
  expect(grant()).toBe('first');
  add('large', { gpus: 2 });
  let passed = 0;
  for (let index = 0; index < 50; index += 1) {
    add(`small${index}`, { gpus: 1 });
    if (grant() !== `small${index}`) break;
    leave(`small${index}`);
    passed += 1;
  }
  expect(passed).toBe(8);
  // A job without GPUs takes nothing away from it.
  add('cpu', { gpus: 0 });
  expect(grant()).toBe('cpu');
  leave('first');
  expect(grant()).toBe('large');
});
