import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkDependencies, dependencyState } from '../../../src/runner/job/check-dependencies.ts';
import { DEPENDENCY_CONDITIONS, type DependencyCondition } from '../../../src/runner/job/dependency.ts';
import type { JobFailure } from '../../../src/runner/job/failure.ts';
import type { Job, JobState } from '../../../src/runner/job/types.ts';
import { aJob } from './a-job.ts';

const failure: JobFailure = {
  ...{ reason: 'SIGNAL', message: 'killed', exitCode: null, signal: 'SIGKILL' },
  ...{ peakMemoryBytes: null, lastLogLines: [] },
};
const STATES = {
  QUEUED: { status: 'QUEUED' },
  RUNNING: { status: 'RUNNING', startedAt: 1 },
  STOPPING: { status: 'STOPPING', startedAt: 1, requestedAt: 1, deadline: 2, cause: 'USER' },
  COMPLETED: { status: 'COMPLETED', startedAt: 1, finishedAt: 2 },
  STOPPED: { status: 'STOPPED', startedAt: 1, finishedAt: 2 },
  ERROR: { status: 'ERROR', startedAt: 1, finishedAt: 2, failure },
} satisfies Record<string, JobState>;

test.each<[keyof typeof STATES, DependencyCondition, 'MET' | 'PENDING' | 'BROKEN']>([
  ['QUEUED', 'AFTER_OK', 'PENDING'],
  ['RUNNING', 'AFTER_END', 'PENDING'],
  ['STOPPING', 'AFTER_FAILURE', 'PENDING'],
  ['COMPLETED', 'AFTER_OK', 'MET'],
  ['COMPLETED', 'AFTER_END', 'MET'],
  ['COMPLETED', 'AFTER_FAILURE', 'BROKEN'],
  ['STOPPED', 'AFTER_OK', 'BROKEN'],
  ['STOPPED', 'AFTER_END', 'MET'],
  ['STOPPED', 'AFTER_FAILURE', 'BROKEN'],
  ['ERROR', 'AFTER_OK', 'BROKEN'],
  ['ERROR', 'AFTER_END', 'MET'],
  ['ERROR', 'AFTER_FAILURE', 'MET'],
])('a job that is %s makes %s %s', (status, when, expected) => {
  const state = dependencyState({ jobId: 'a', when }, aJob({ id: 'a', state: STATES[status] }));
  expect(typeof state === 'object' ? 'BROKEN' : state).toBe(expected);
});

test('a failed job that is about to be retried has not ended', () => {
  const job = aJob({ id: 'a', state: STATES.ERROR, retryAt: 5 });
  for (const when of DEPENDENCY_CONDITIONS) expect(dependencyState({ jobId: 'a', when }, job)).toBe('PENDING');
});

test('the reason names the job, its required end and its actual end', () => {
  const check = (when: DependencyCondition, job: Job | undefined) => dependencyState({ jobId: 'a', when }, job);
  expect(check('AFTER_OK', aJob({ id: 'a', state: STATES.ERROR }))).toEqual({
    broken: 'Job a had to complete first, and it ended as ERROR.',
  });
  expect(check('AFTER_FAILURE', undefined)).toEqual({ broken: 'Job a, which had to fail first, was deleted.' });
});

test('a dependency that was met stays met, and one that is broken leaves the others as they are', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(
        fc.record({
          jobId: fc.constantFrom('a', 'b', 'c', 'd'),
          when: fc.constantFrom(...DEPENDENCY_CONDITIONS),
          status: fc.constantFrom(...(Object.keys(STATES) as (keyof typeof STATES)[])),
          wasMet: fc.boolean(),
        }),
        { selector: ({ jobId }) => jobId },
      ),
      (all) => {
        const dependsOn = all.map(({ jobId, when }) => ({ jobId, when }));
        const unmet = all.filter(({ wasMet }) => !wasMet).map(({ jobId }) => jobId);
        const find = (id: string) => {
          const found = all.find(({ jobId }) => jobId === id);
          return found && aJob({ id, state: STATES[found.status] });
        };
        const { unmet: left, broken } = checkDependencies(aJob({ request: { dependsOn }, unmet }), find);
        const states = all
          .filter(({ wasMet }) => !wasMet)
          .map((dependency) => ({ ...dependency, state: dependencyState(dependency, find(dependency.jobId)) }));
        expect(broken !== null).toBe(states.some(({ state }) => typeof state === 'object'));
        if (broken !== null) expect(left).toBe(unmet);
        else expect(left).toEqual(states.filter(({ state }) => state === 'PENDING').map(({ jobId }) => jobId));
      },
    ),
  );
});
