import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decide, type DecideSettings, type Effect, type Facts } from '../../../src/runner/job/decide.ts';
import { isTerminal, mayFollow } from '../../../src/runner/job/status.ts';
import type { Job, JobState } from '../../../src/runner/job/types.ts';
import type { Death } from '../../../src/runner/job/reports.ts';
import { aJob } from './a-job.ts';
import { liveJobs } from './arbitrary.ts';

const settings: DecideSettings = { startTimeoutMs: 60_000, stalledAfterMs: 60_000, defaultGraceMs: 30_000 };
const handle = { launcher: 'local' };
const facts = (part: Partial<Facts> = {}): Facts => ({
  now: 1_000_000,
  inspection: 'ALIVE',
  overdue: false,
  silentMs: 0,
  runningMs: 0,
  ...part,
});
const running: JobState = { status: 'RUNNING', startedAt: 1 };
const starting: JobState = { status: 'STARTING', startedAt: 1 };
const stopping: JobState = { status: 'STOPPING', startedAt: 1, requestedAt: 1, deadline: 2, cause: 'USER' };
const gone: Death = { dead: null, cause: { kind: 'GONE', rebooted: false } };
const limits = { timeLimitSeconds: 100, stallLimitSeconds: 90 };

/** Says an effect in a word or two. */
function say(effect: Effect): string {
  if (effect.kind !== 'UPDATE') return effect.kind;
  const { state, health, killedAt } = effect.job;
  if (killedAt !== null) return `KILLED AT ${killedAt}`;
  return state.status === 'STOPPING' ? `STOP ${state.cause} within ${(state.deadline ?? NaN) - 1_000_000}` : health;
}

const table: [title: string, job: Job, facts: Facts, effects: string[]][] = [
  ['a live job needs nothing', aJob({ handle, state: running }), facts(), []],
  ['a job that was never launched needs nothing', aJob(), facts({ silentMs: 1e9, runningMs: 1e9 }), []],
  ['a dead job is concluded', aJob({ handle, state: running }), facts({ inspection: gone }), ['CONCLUDE']],
  [
    '... also past its deadline',
    aJob({ handle, state: stopping }),
    facts({ inspection: gone, overdue: true }),
    ['CONCLUDE'],
  ],
  [
    'a recorded launch that did not happen is repeated',
    aJob({ handle }),
    facts({ inspection: 'NOT_LAUNCHED' }),
    ['LAUNCH'],
  ],
  [
    'a stop is requested at each look',
    aJob({ handle, state: stopping }),
    facts({ inspection: null }),
    ['REQUEST_STOP'],
  ],
  [
    '... and becomes a kill at its deadline, which is recorded first',
    aJob({ handle, state: stopping }),
    facts({ overdue: true }),
    ['KILLED AT 1000000', 'KILL'],
  ],
  [
    '... and is killed again until it is dead, without another record',
    aJob({ handle, state: stopping, killedAt: 999 }),
    facts({ overdue: true }),
    ['KILL'],
  ],
  [
    'a SIGTERM from another program gets the default grace',
    aJob({ handle, state: { ...stopping, cause: 'FOREIGN_SIGNAL', requestedAt: null, deadline: null } }),
    facts({ inspection: null, silentMs: 1e9, runningMs: 1e9 }),
    ['STOP FOREIGN_SIGNAL within 30000'],
  ],
  [
    '... is not sent again',
    aJob({ handle, state: { ...stopping, cause: 'FOREIGN_SIGNAL' } }),
    facts({ silentMs: 1e9, runningMs: 1e9 }),
    [],
  ],
  [
    '... and becomes a kill at its deadline',
    aJob({ handle, state: { ...stopping, cause: 'FOREIGN_SIGNAL' } }),
    facts({ overdue: true }),
    ['KILLED AT 1000000', 'KILL'],
  ],
  ['a silent job is stalled', aJob({ handle, state: running }), facts({ silentMs: 60_001 }), ['STALLED']],
  ['... once', aJob({ handle, state: running, health: 'STALLED' }), facts({ silentMs: 60_001 }), []],
  ['... and not before', aJob({ handle, state: running }), facts({ silentMs: 60_000 }), []],
  [
    'limits are not checked without an inspection',
    aJob({ handle, state: running, request: limits }),
    facts({ inspection: null, silentMs: 1e9, runningMs: 1e9 }),
    [],
  ],
  [
    'a job past its time limit is stopped',
    aJob({ handle, state: running, request: limits }),
    facts({ runningMs: 100_001 }),
    ['STOP TIME_LIMIT within 30000', 'REQUEST_STOP'],
  ],
  [
    'a job past its stall limit is stalled and stopped',
    aJob({ handle, state: running, request: limits }),
    facts({ silentMs: 90_001 }),
    ['STALLED', 'STOP STALL_LIMIT within 30000', 'REQUEST_STOP'],
  ],
  [
    'a trainer that does not start in time is stopped without grace',
    aJob({ handle, health: 'STALLED' }),
    facts({ silentMs: 60_001 }),
    ['STOP START_TIMEOUT within 0', 'REQUEST_STOP'],
  ],
  [
    '... also one that only its supervisor reported',
    aJob({ handle, state: starting, health: 'STALLED' }),
    facts({ silentMs: 60_001 }),
    ['STOP START_TIMEOUT within 0', 'REQUEST_STOP'],
  ],
  [
    'waiting for a launch does not count against the limits',
    aJob({ handle, request: limits }),
    facts({ runningMs: 100_001 }),
    [],
  ],
];

test.each(table)('%s', (_, job, known, effects) => {
  expect(decide(job, known, settings).map(say)).toEqual(effects);
});

describe('for any job and any facts', () => {
  const endedJobs = fc
    .record({
      state: fc.constantFrom('COMPLETED', 'STOPPED').map((status) => ({ status, startedAt: 1, finishedAt: 2 })),
      handle: fc.option(fc.constant(handle)),
    })
    .map((part) => aJob(part));
  const jobs = fc.oneof({ arbitrary: liveJobs, weight: 4 }, endedJobs);
  const unproven = fc.record({
    now: fc.nat(),
    inspection: fc.constantFrom('ALIVE' as const, 'UNKNOWN' as const, null),
    overdue: fc.boolean(),
    silentMs: fc.nat(2_000_000),
    runningMs: fc.nat(2_000_000),
  });

  test('without proof of death nothing ends, and every change of status is legal', () => {
    fc.assert(
      fc.property(jobs, unproven, (job, known) => {
        for (const effect of decide(job, known, settings)) {
          expect(effect.kind).not.toBe('CONCLUDE');
          expect(effect.kind).not.toBe('LAUNCH');
          if (effect.kind !== 'UPDATE') continue;
          const [from, to] = [job.state.status, effect.job.state.status];
          expect(isTerminal(to)).toBe(false);
          expect(from === to || mayFollow(from, to)).toBe(true);
        }
      }),
    );
  });

  test('an observation that failed changes nothing that a live observation would not', () => {
    fc.assert(
      fc.property(jobs, unproven, (job, known) => {
        const [unknown, alive] = (['UNKNOWN', 'ALIVE'] as const).map((inspection) =>
          decide(job, { ...known, inspection }, settings).map(say),
        );
        expect(unknown).toEqual(alive);
      }),
    );
  });

  test('an ended or unlaunched job needs nothing', () => {
    fc.assert(
      fc.property(jobs, unproven, fc.boolean(), (job, known, dead) => {
        fc.pre(job.handle === null || isTerminal(job.state.status));
        expect(decide(job, dead ? { ...known, inspection: gone } : known, settings)).toEqual([]);
      }),
    );
  });
});
