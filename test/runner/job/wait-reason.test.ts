import { expect, test } from 'vitest';
import { type WaitFacts, waitReason } from '../../../src/runner/job/wait-reason.ts';

/** Nothing keeps the job from starting. */
const FREE: WaitFacts = {
  unmet: [],
  notBefore: null,
  isPaused: false,
  group: null,
  gpus: { needed: 0, free: 0 },
  slots: { inUse: 0, total: 2 },
};
const group = { name: 'night', isPaused: false, limit: null, running: 2 };

test.each<[string, Partial<WaitFacts>, string | null]>([
  ['nothing', {}, null],
  ['a group with room', { group: { ...group, limit: 3 } }, null],
  ['one dependency', { unmet: [{ jobId: 'a', when: 'AFTER_OK' }] }, 'Waits for a to complete.'],
  [
    'many dependencies',
    { unmet: ['a', 'b', 'c', 'd', 'e'].map((jobId) => ({ jobId, when: 'AFTER_FAILURE' })) },
    'Waits for a to fail, b to fail, c to fail, 2 more jobs.',
  ],
  ['a time', { notBefore: Date.UTC(2030, 0, 2) }, 'Starts not before 2030-01-02T00:00:00.000Z.'],
  ['a pause', { isPaused: true }, 'The queue is paused.'],
  ['the pause of its group', { group: { ...group, isPaused: true } }, 'The group night is paused.'],
  [
    'the limit of its group',
    { group: { ...group, limit: 2 } },
    'The group night is at its limit: 2 of at most 2 jobs are running.',
  ],
  ['GPUs', { gpus: { needed: 2, free: 1 } }, 'Needs 2 GPUs; 1 GPU free.'],
  ['slots', { slots: { inUse: 2, total: 2 } }, 'No slot is free: 2 of 2 are in use.'],
  ['a job ahead', { gpus: { needed: 1, free: 1 } }, 'A job ahead of it waits for more GPUs.'],
  [
    'a dependency before everything else',
    { unmet: [{ jobId: 'a', when: 'AFTER_END' }], notBefore: 1, isPaused: true, slots: { inUse: 2, total: 2 } },
    'Waits for a to end.',
  ],
])('a job that waits for %s', (_name, facts, expected) => {
  expect(waitReason({ ...FREE, ...facts })).toBe(expected);
});
