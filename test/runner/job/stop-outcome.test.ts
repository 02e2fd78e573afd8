import { expect, test } from 'vitest';
import type { Claim, Death, ExitReport } from '../../../src/runner/job/reports.ts';
import { stopOutcomeOf } from '../../../src/runner/job/stop-outcome.ts';
import type { Job, StopOutcome } from '../../../src/runner/job/types.ts';
import { aJob } from './a-job.ts';

const PROGRESS = aJob().progress;

/** A job whose stop was requested at 2000, by the clock of the server. That of the node is ahead. */
function stopping(killedAt: number | null): Job {
  return aJob({
    state: { status: 'STOPPING', startedAt: 1, requestedAt: 2000, deadline: 5000, cause: 'USER' },
    killedAt,
    transitions: [
      { status: 'RUNNING', at: 900_000, progress: PROGRESS },
      { status: 'STOPPING', at: 900_000, progress: PROGRESS },
    ],
  });
}

function exited(exitCode: number | null, signal: string | null = null): Death {
  const exit: ExitReport = {
    ...{ attempt: 1, exitCode, signal, finishedAt: 6000 },
    ...{ peakMemoryBytes: null, outOfMemory: false, spawnError: null },
  };
  return { dead: exit, cause: { kind: 'EXITED' } };
}

const GONE: Death = { dead: null, cause: { kind: 'GONE', rebooted: false } };
const STOPPED: Claim = { attempt: 1, status: 'STOPPED' };
const GRACEFUL: StopOutcome = { graceful: true, killedAfterSeconds: null, reason: null };
const FAILED: StopOutcome = { graceful: false, killedAfterSeconds: null, reason: null };
const KILLED: StopOutcome = { graceful: false, killedAfterSeconds: 3.5, reason: null };

test.each([
  ['a trainer that saved and ended', null, exited(0), STOPPED, GRACEFUL],
  ['a trainer that claimed its stop and exited with another code', null, exited(130), STOPPED, GRACEFUL],
  ['a trainer that ended in the moment of the kill', 5500, exited(0), STOPPED, GRACEFUL],
  ['a killed trainer', 5500, exited(null, 'SIGKILL'), undefined, KILLED],
  ['a trainer that was killed after its claim', 5500, exited(null, 'SIGKILL'), STOPPED, GRACEFUL],
  ['a trainer without a handler for SIGTERM', null, exited(null, 'SIGTERM'), undefined, FAILED],
  ['a trainer that failed while it saved', null, exited(1), { attempt: 1, status: 'ERROR' }, FAILED],
  ['a trainer that claimed its stop, without a supervisor', null, GONE, STOPPED, GRACEFUL],
  ['a trainer that was killed after its claim, without a supervisor', 5500, GONE, STOPPED, GRACEFUL],
  ['a killed trainer without a supervisor', 5500, GONE, undefined, KILLED],
  ['a trainer with the claim of an earlier attempt', null, exited(3), { attempt: 0, status: 'STOPPED' }, FAILED],
] as const)('the stop of %s', (_what, killedAt, death, claim, outcome) => {
  expect(stopOutcomeOf(stopping(killedAt), death, claim)).toEqual(outcome);
});

test('a job without a stop request has no outcome', () => {
  const running = aJob({ state: { status: 'RUNNING', startedAt: 1 } });
  expect(stopOutcomeOf(running, exited(0), STOPPED)).toBeNull();
});
