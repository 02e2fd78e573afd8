import { expect, test } from 'vitest';
import { createLiveJob } from '../../../src/runner/life/attempt-runtime.ts';
import { createQueue } from '../../../src/runner/life/queue.ts';
import { aJob } from '../job/a-job.ts';

/** A queue to which jobs are added by name. */
function queueOf(slots: number, gpus: readonly string[] = []) {
  const queue = createQueue(slots, gpus);
  const lives = new Map<string, ReturnType<typeof createLiveJob>>();
  return {
    queue,
    add(id: string, request: { priority?: number; gpus?: number | null } = {}) {
      const live = lives.get(id) ?? createLiveJob(id, false);
      lives.set(id, live);
      queue.add(live, aJob({ id, request }));
    },
    leave: (id: string) => queue.leave(lives.get(id) ?? expect.fail(id)),
    grant() {
      const grant = queue.grant();
      return grant && [grant.live.id, ...grant.gpuDevices].join(' ');
    },
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

test('grants no more than the slots, and again when one is given back', () => {
  const { add, grant, leave, queue } = queueOf(1);
  add('a');
  add('b');
  expect([grant(), grant()]).toEqual(['a', undefined]);
  expect([queue.waiting, queue.freeSlots]).toEqual([1, 0]);
  leave('a');
  expect(grant()).toBe('b');
});

test('a job that could not be launched has its old place again', () => {
  const { add, grant } = queueOf(1);
  add('a');
  add('b');
  expect(grant()).toBe('a');
  add('a');
  expect(grant()).toBe('a');
});

test('leases each GPU to one job at a time, also those of jobs that it adopts', () => {
  const { add, grant, leave, queue } = queueOf(9, ['0', '1', '2']);
  const adopted = createLiveJob('old', true);
  queue.adopt(adopted, ['1']);
  add('a', { gpus: 2 });
  add('b', { gpus: 1 });
  expect([grant(), grant()]).toEqual(['a 0 2', undefined]);
  queue.leave(adopted);
  expect(grant()).toBe('b 1');
  leave('a');
  add('c', { gpus: 2 });
  expect(grant()).toBe('c 0 2');
});

test('smaller jobs go past one that does not fit, but do not starve it', () => {
  const { add, grant, leave } = queueOf(99, ['0', '1']);
  add('first', { gpus: 1 });
  expect(grant()).toBe('first 0');
  add('large', { gpus: 2 });
  let passed = 0;
  for (let index = 0; index < 50; index += 1) {
    add(`small${index}`, { gpus: 1 });
    if (grant() !== `small${index} 1`) break;
    leave(`small${index}`);
    passed += 1;
  }
  expect(passed).toBe(8);
  // A job without GPUs takes nothing away from it.
  add('cpu', { gpus: 0 });
  expect(grant()).toBe('cpu');
  leave('first');
  expect(grant()).toBe('large 0 1');
});
