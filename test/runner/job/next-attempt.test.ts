import { expect, test } from 'vitest';
import { nextAttempt, noProgress } from '../../../src/runner/job/next-attempt.ts';
import { applyStatus } from '../../../src/runner/job/apply-status.ts';
import { earlierRunTime } from '../../../src/runner/job/run-time.ts';
import type { JobStatus } from '../../../src/runner/job/status.ts';
import { aJob } from './a-job.ts';
import { aReport } from './a-report.ts';

const ended = aJob({
  state: { status: 'STOPPED', startedAt: 1, finishedAt: 2 },
  health: 'STALLED',
  handle: { launcher: 'local' },
  checkpoint: 'models/a.pt',
  progress: { ...noProgress(10, 1), step: 40, totalSteps: 50, percent: 80, loss: 0.5, message: 'Stopped.' },
  retryAt: 3,
});

test('a new attempt is QUEUED, keeps the checkpoint, and continues at its numbers, as a share of the new total', () => {
  const next = nextAttempt(ended, 20, 1, 9000);
  expect(next).toMatchObject({
    attempt: 2,
    state: { status: 'QUEUED' },
    health: 'OK',
    handle: null,
    retries: 1,
    retryAt: null,
    sequence: 2,
    checkpoint: 'models/a.pt',
    request: { epochs: 20, dataset: 'sample.csv' },
  });
  expect(next.progress).toEqual({
    carried: true,
    percent: 40,
    epoch: 0,
    epochs: 20,
    step: 40,
    totalSteps: 100,
    loss: 0.5,
    metrics: {},
    message: null,
    samplesPerSecond: null,
    etaSeconds: null,
    updatedAt: 9000,
  });
  expect(next.transitions).toEqual([...ended.transitions, { status: 'QUEUED', at: 9000, progress: next.progress }]);
});

test('without a checkpoint a new attempt starts over', () => {
  expect(nextAttempt({ ...ended, checkpoint: null }, 20, 0, 9000).progress).toEqual(noProgress(20, 9000));
});

test('the numbers of the attempt before stay until the first step of the new one, also when that is lower', () => {
  const next = nextAttempt(ended, 20, 0, 9000);
  const loading = applyStatus(
    next,
    aReport({
      attempt: 2,
      sequence: 10,
      status: 'LOADING',
      firstStep: null,
      step: 0,
      loss: null,
      percent: 0,
      transitions: [],
    }),
  );
  expect(loading.progress).toMatchObject({ step: 40, percent: 40, loss: 0.5 });
  const running = applyStatus(loading, aReport({ attempt: 2, sequence: 11, firstStep: null, step: 0, loss: null }));
  expect(running.progress).toMatchObject({ step: 40, percent: 40, loss: 0.5 });
  const restarted = applyStatus(
    running,
    aReport({ attempt: 2, sequence: 12, firstStep: 1, step: 1, percent: 1, loss: 0.9 }),
  );
  expect(restarted.progress).toMatchObject({ step: 1, percent: 1, loss: 0.9 });
});

test('the run time of earlier attempts adds up, without their time in the queue', () => {
  const at = (status: JobStatus, time: number) => ({ status, at: time, progress: noProgress(1, 0) });
  const first = [at('QUEUED', 0), at('STARTING', 100), at('RUNNING', 150), at('STOPPING', 300), at('STOPPED', 400)];
  const second = [at('QUEUED', 1000), at('STARTING', 5000), at('ERROR', 5050)];
  const cancelled = [at('QUEUED', 6000), at('STOPPED', 7000)];
  expect(earlierRunTime({ transitions: first })).toBe(0);
  expect(earlierRunTime({ transitions: [...first, ...second] })).toBe(300);
  expect(earlierRunTime({ transitions: [...first, ...second, ...cancelled, at('QUEUED', 8000)] })).toBe(350);
});

test('its time is never before that of the end, also when the clock is set back', () => {
  expect(nextAttempt(ended, 20, 0, 500).transitions.at(-1)?.at).toBe(1000);
  expect(nextAttempt(aJob({ transitions: [] }), 20, 0, 500).transitions.at(-1)?.at).toBe(500);
});
