import { expect, test } from 'vitest';
import { nextAttempt, noProgress } from '../../../src/runner/job/next-attempt.ts';
import { aJob } from './a-job.ts';

const ended = aJob({
  state: { status: 'STOPPED', startedAt: 1, finishedAt: 2 },
  health: 'STALLED',
  handle: { launcher: 'local' },
  checkpoint: 'models/a.pt',
  progress: { ...noProgress(10, 1), step: 40, percent: 80, loss: 0.5 },
  retryAt: 3,
});

test('a new attempt is QUEUED without numbers, and keeps the checkpoint', () => {
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
    percent: 0,
    epoch: 0,
    epochs: 20,
    step: 0,
    totalSteps: null,
    loss: null,
    metrics: {},
    message: null,
    samplesPerSecond: null,
    etaSeconds: null,
    updatedAt: 9000,
  });
  expect(next.transitions).toEqual([...ended.transitions, { status: 'QUEUED', at: 9000, progress: next.progress }]);
});

test('its time is never before that of the end, also when the clock is set back', () => {
  expect(nextAttempt(ended, 20, 0, 500).transitions.at(-1)?.at).toBe(1000);
  expect(nextAttempt(aJob({ transitions: [] }), 20, 0, 500).transitions.at(-1)?.at).toBe(500);
});
