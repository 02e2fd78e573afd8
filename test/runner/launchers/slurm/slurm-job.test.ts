import { expect, test } from 'vitest';
import {
  engineReasonOf,
  hasEnded,
  isRequeued,
  isWaiting,
  parseJobs,
  type SlurmJob,
} from '../../../../src/runner/launchers/slurm/slurm-job.ts';
import { prepareHandle } from '../../../../src/runner/launchers/slurm/handle.ts';
import { newestOf } from '../../../../src/runner/launchers/slurm/slurm-attempt.ts';
import { isTemporary } from '../../../../src/runner/launchers/slurm/submit-error.ts';
import { submitOptions } from '../../../../src/runner/launchers/slurm/submit-options.ts';
import { describeReason } from '../../../../src/runner/launchers/slurm/waiting-for.ts';
import { aJob } from '../../job/a-job.ts';

const aSlurmJob = (part: Partial<SlurmJob> = {}): SlurmJob => ({
  id: 1,
  name: 'job_1_aa.1',
  state: 'RUNNING',
  reason: 'None',
  exitCode: 0,
  restarts: 0,
  elapsedSeconds: 5,
  limitSeconds: null,
  nodes: 'n1',
  ...part,
});

test('reads the lines of squeue, and leaves out what is not a complete one', () => {
  const text = [
    '1|job_1_aa.1|CANCELLED|None|9|0|4:32|UNLIMITED|n1|',
    '2|job_1_bb.2|FAILED|NonZeroExitCode|75|1|1-02:03:04|1:00|n[1-2]|',
    '3|job_1_cc.1|PENDING|(Resources)|19200|0|0:00|INVALID||',
    'slurm_load_jobs error: something',
    '4|torn',
  ].join('\n');
  expect(parseJobs(text)).toEqual([
    aSlurmJob({ state: 'CANCELLED', exitCode: 9, elapsedSeconds: 272 }),
    {
      id: 2,
      name: 'job_1_bb.2',
      state: 'FAILED',
      reason: 'NonZeroExitCode',
      exitCode: 75,
      restarts: 1,
      elapsedSeconds: 93_784,
      limitSeconds: 60,
      nodes: 'n[1-2]',
    },
    aSlurmJob({
      id: 3,
      name: 'job_1_cc.1',
      state: 'PENDING',
      reason: '(Resources)',
      exitCode: 75,
      elapsedSeconds: 0,
      nodes: '',
    }),
  ]);
});

test('an unknown state of a newer Slurm does not prove death', () => {
  for (const state of ['RUNNING', 'COMPLETING', 'SUSPENDED', 'SOMETHING_NEW', '']) {
    expect(hasEnded(aSlurmJob({ state })), state).toBe(false);
  }
  for (const state of ['COMPLETED', 'FAILED', 'CANCELLED', 'TIMEOUT', 'NODE_FAIL', 'PREEMPTED', 'OUT_OF_MEMORY']) {
    expect(hasEnded(aSlurmJob({ state })), state).toBe(true);
  }
});

test('a job that Slurm has requeued has ended, and does not wait', () => {
  const requeued = aSlurmJob({ state: 'PENDING', restarts: 1, reason: 'BeginTime' });
  expect([isRequeued(requeued), hasEnded(requeued), isWaiting(requeued)]).toEqual([true, true, false]);
  expect(engineReasonOf(requeued)).toBe('PREEMPTED');
  expect(engineReasonOf({ ...requeued, reason: 'launch failed requeued held' })).toBe('NODE_FAIL');
});

test('a job that ended on its own at the signal before its limit counts as at the limit', () => {
  const completed = aSlurmJob({ state: 'COMPLETED', limitSeconds: 600 });
  expect(engineReasonOf({ ...completed, elapsedSeconds: 500 })).toBe('TIME_LIMIT');
  expect(engineReasonOf({ ...completed, elapsedSeconds: 400 })).toBeNull();
  expect(engineReasonOf({ ...completed, limitSeconds: null, elapsedSeconds: 500 })).toBeNull();
});

test('of two jobs with the name of an attempt, the one that runs counts, then the one that waits', () => {
  const ended = aSlurmJob({ id: 9, state: 'COMPLETED' });
  const waiting = aSlurmJob({ id: 2, state: 'PENDING' });
  const runs = aSlurmJob({ id: 1 });
  expect(newestOf([ended, waiting, runs])?.id).toBe(1);
  expect(newestOf([ended, waiting])?.id).toBe(2);
  expect(newestOf([aSlurmJob({ id: 3, state: 'FAILED' }), ended])?.id).toBe(9);
  expect(newestOf([])).toBeUndefined();
});

test('names the reason why a job waits, with the word of Slurm', () => {
  const waiting = aSlurmJob({ state: 'PENDING' });
  expect(describeReason(waiting)).toBe('Slurm has not tried to start it yet.');
  expect(describeReason({ ...waiting, reason: 'Resources' })).toBe('Resources are not free yet (Slurm: Resources).');
  expect(describeReason({ ...waiting, reason: 'ReqNodeNotAvail, UnavailableNodes:n[1-2]' })).toMatch(
    /nodes.*ReqNodeNotAvail\)/,
  );
  expect(describeReason({ ...waiting, reason: 'SomethingNew' })).toBe(
    'It waits in the queue of Slurm (Slurm: SomethingNew).',
  );
});

test('a submission is repeated if the controller is unavailable, and not if the partition does not exist', () => {
  expect(isTemporary('Batch job submission failed: Unable to contact slurm controller (connect failure)')).toBe(true);
  expect(isTemporary('sbatch did not answer within 30 seconds.')).toBe(true);
  expect(isTemporary('Batch job submission failed: Invalid partition name specified')).toBe(false);
});

test.each([
  [null, 60],
  [30, 15],
  [90, 30],
  [600, 60],
])('a job with a time limit of %j s trains before Slurm asks for its checkpoint', (timeLimitSeconds, lead) => {
  const others = { cpus: null, memoryMb: null, gpuType: null, nodes: null, constraint: null };
  const resources = { ...others, partition: null, account: null, qos: null, timeLimitSeconds };
  const { request } = aJob({ request: { resources } });
  expect(submitOptions(prepareHandle('job_1_aa', 1), request, '/')).toContain(`--signal=B:TERM@${lead}`);
});
