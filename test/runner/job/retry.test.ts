import { expect, test } from 'vitest';
import { MAX_BACKOFF_SECONDS, NOT_RETRIED_BY_DEFAULT, retryTime } from '../../../src/runner/job/retry.ts';
import type { FailureReason } from '../../../src/runner/job/failure.ts';
import type { JobState } from '../../../src/runner/job/types.ts';
import { aJob } from './a-job.ts';

const NOW = 10_000;
const running: JobState = { status: 'RUNNING', startedAt: 1 };
const stopping = { status: 'STOPPING', startedAt: 1, requestedAt: 1, deadline: 10, cause: 'USER' } as const;
const retry = { limit: 3, on: ['SIGNAL', 'TIME_LIMIT'], backoffSeconds: 10 } as const;

function failed(reason: FailureReason = 'SIGNAL'): JobState {
  const failure = { reason, message: '.', exitCode: null, signal: null, peakMemoryBytes: null, lastLogLines: [] };
  return { status: 'ERROR', startedAt: 1, finishedAt: NOW, failure };
}

/** Delay before the next retry of a job with this policy, seconds; null if it is not retried. */
function delay(part: Parameters<typeof aJob>[0], ended: JobState = failed()): number | null {
  const at = retryTime(aJob({ state: running, request: { retry }, ...part }), ended, NOW);
  return at === null ? null : (at - NOW) / 1000;
}

test('the delay doubles before each further retry, up to the limit', () => {
  expect([0, 1, 2, 3, 4].map((retries) => delay({ retries }))).toEqual([10, 20, 40, null, null]);
});

test('the delay is never longer than an hour', () => {
  expect(MAX_BACKOFF_SECONDS).toBe(3600);
  const request = { retry: { ...retry, limit: 100 } };
  expect(delay({ retries: 8, request })).toBe(2560);
  expect(delay({ retries: 9, request })).toBe(3600);
  expect(delay({ retries: 99, request })).toBe(3600);
});

test('only the failures of the policy are retried', () => {
  expect(delay({}, failed('TIME_LIMIT'))).toBe(10);
  expect(delay({}, failed('VANISHED'))).toBeNull();
  expect(delay({ request: { retry: null } })).toBeNull();
});

test('a job that completed or stopped is not retried', () => {
  for (const status of ['COMPLETED', 'STOPPED'] as const) {
    expect(delay({}, { status, startedAt: 1, finishedAt: NOW })).toBeNull();
  }
});

test('a job that a user stopped is not retried, whatever its final status', () => {
  expect(delay({ state: stopping })).toBeNull();
});

test("a limit's stop, and a SIGTERM from another program, are not a user's stop", () => {
  expect(delay({ state: { ...stopping, cause: 'TIME_LIMIT' } }, failed('TIME_LIMIT'))).toBe(10);
  for (const deadline of [null, 10]) {
    expect(delay({ state: { ...stopping, cause: 'FOREIGN_SIGNAL', deadline } })).toBe(10);
  }
});

test('failures that the same input would repeat are not retried by default', () => {
  expect(NOT_RETRIED_BY_DEFAULT).toEqual(['INVALID_DATASET', 'TRAINER_ERROR', 'TIME_LIMIT']);
});

test('a job that its cluster preempted, or whose node failed, gets a new attempt without a policy, unless the policy says none', () => {
  for (const reason of ['PREEMPTED', 'NODE_FAIL'] as const) {
    expect(delay({ request: { retry: null } }, failed(reason))).toBe(10);
    expect(delay({ retries: 7 }, failed(reason))).toBe(10);
    expect(delay({ retries: 100 }, failed(reason))).toBeNull();
    expect(delay({ request: { retry: { ...retry, limit: 0 } } }, failed(reason))).toBeNull();
    expect(delay({ state: stopping, request: { retry: null } }, failed(reason))).toBeNull();
  }
});
