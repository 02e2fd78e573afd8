import fc from 'fast-check';
import { expect, test } from 'vitest';
import { requestStop } from '../../../src/runner/job/stop.ts';
import { isTerminal, mayFollow } from '../../../src/runner/job/status.ts';
import type { JobState, StopCause } from '../../../src/runner/job/types.ts';
import { aJob } from './a-job.ts';
import { liveJobs } from './arbitrary.ts';

const NOW = 10_000;
const handle = { launcher: 'local' };
const user = (graceMs: number) => ({ cause: 'USER', graceMs }) as const;
const stopping = (cause: StopCause, deadline: number | null, requestedAt = deadline && NOW): JobState => ({
  status: 'STOPPING',
  startedAt: 1,
  requestedAt,
  deadline,
  cause,
});

test('a running job is STOPPING until its deadline', () => {
  const job = requestStop(aJob({ handle, state: { status: 'RUNNING', startedAt: 1 } }), user(500), NOW);
  expect(job.state).toEqual(stopping('USER', NOW + 500));
  expect(job.transitions.at(-1)).toMatchObject({ status: 'STOPPING', at: NOW });
});

test('a waiting job that was never launched is STOPPED at once, and its file is to be written', () => {
  const before = aJob();
  const job = requestStop(before, user(500), NOW);
  expect(job.state).toEqual({ status: 'STOPPED', startedAt: null, finishedAt: NOW });
  expect(job.sequence).toBe(before.sequence + 1);
});

test('a launched job is STOPPING, also before its first report', () => {
  const job = requestStop(aJob({ handle }), user(500), NOW);
  expect(job.state).toEqual({ ...stopping('USER', NOW + 500), startedAt: null });
});

test('of two deadlines the earlier one wins', () => {
  const job = aJob({ handle, state: stopping('USER', NOW + 500) });
  expect(requestStop(job, user(100), NOW).state).toEqual(stopping('USER', NOW + 100));
  expect(requestStop(job, user(900), NOW).state).toEqual(stopping('USER', NOW + 500));
});

test('a repeated request does not change when the first one was made', () => {
  const job = aJob({ handle, state: stopping('USER', NOW + 500) });
  expect(requestStop(job, user(100), NOW + 50).state).toEqual(stopping('USER', NOW + 150, NOW));
});

test("a user's stop overrides that of a limit, and never the other way around", () => {
  const limited = aJob({ handle, state: stopping('TIME_LIMIT', NOW + 500) });
  expect(requestStop(limited, user(900), NOW).state).toEqual(stopping('USER', NOW + 500));
  const stopped = aJob({ handle, state: stopping('USER', NOW + 500) });
  expect(requestStop(stopped, { cause: 'TIME_LIMIT', graceMs: 0 }, NOW).state).toEqual(stopping('USER', NOW));
});

test('a stop gives a deadline to a trainer that another program asked to stop', () => {
  const job = aJob({ handle, state: stopping('FOREIGN_SIGNAL', null) });
  expect(requestStop(job, user(500), NOW).state).toEqual(stopping('USER', NOW + 500));
  const limited = requestStop(job, { cause: 'FOREIGN_SIGNAL', graceMs: 500 }, NOW);
  expect(limited.state).toEqual(stopping('FOREIGN_SIGNAL', NOW + 500));
  expect(requestStop(limited, user(900), NOW).state).toEqual(stopping('USER', NOW + 500));
});

test('the record of an earlier version names a user as the cause of a foreign SIGTERM, and the deadline corrects that', () => {
  const job = aJob({ handle, state: stopping('USER', null) });
  const limited = requestStop(job, { cause: 'FOREIGN_SIGNAL', graceMs: 500 }, NOW);
  expect(limited.state).toEqual(stopping('FOREIGN_SIGNAL', NOW + 500));
});

test('for any job, a repeated request changes nothing, and every change of status is legal', () => {
  const requests = fc.record({
    cause: fc.constantFrom('USER', 'TIME_LIMIT', 'STALL_LIMIT', 'START_TIMEOUT', 'FOREIGN_SIGNAL'),
    graceMs: fc.nat(1000),
  });
  fc.assert(
    fc.property(liveJobs, requests, (job, request) => {
      const once = requestStop(job, request, NOW);
      const [from, to] = [job.state.status, once.state.status];
      expect(from === to || mayFollow(from, to)).toBe(true);
      if (!isTerminal(to)) expect(requestStop(once, request, NOW)).toEqual(once);
    }),
  );
});
