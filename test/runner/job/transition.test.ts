import { expect, test } from 'vitest';
import { IllegalTransitionError, transition } from '../../../src/runner/job/transition.ts';
import { isTerminal, JOB_STATUSES, type JobStatus, STATUSES } from '../../../src/runner/job/status.ts';
import type { JobState } from '../../../src/runner/job/types.ts';
import { aJob } from './a-job.ts';

const inStatus = (status: JobStatus) => aJob({ state: { status, startedAt: 1, finishedAt: 2 } as unknown as JobState });

test('a terminal status never changes', () => {
  for (const from of JOB_STATUSES.filter(isTerminal)) {
    for (const to of JOB_STATUSES) {
      expect(() => transition(inStatus(from), { status: to } as JobState, 1)).toThrow(IllegalTransitionError);
    }
  }
});

test('no attempt returns to an earlier status', () => {
  const lifeOrder = ['QUEUED', 'STARTING', 'LOADING', 'RUNNING', 'STOPPING'] as const;
  for (const [index, later] of lifeOrder.entries()) {
    for (const earlier of lifeOrder.slice(0, index + 1)) expect(STATUSES[later].next).not.toContain(earlier);
  }
});

test('times of transitions never fall, also when the clock is stepped back', () => {
  const job = transition(aJob(), { status: 'STARTING', startedAt: 5000 }, 5000);
  const later = transition(job, { status: 'RUNNING', startedAt: 5000 }, 1400);
  expect(later.transitions.map(({ at }) => at)).toEqual([1000, 5000, 5000]);
});
