import { expect, test } from 'vitest';
import type { Job, JobFailure, JobState } from '../../../src/runner/index.ts';
import { eventOf, messagesOf } from '../../../src/runner/webhooks/message.ts';
import { transition } from '../../../src/runner/job/transition.ts';
import { newSecret } from '../../support/webhook-receiver.ts';
import { aJob } from '../job/a-job.ts';

const FAILURE: JobFailure = {
  reason: 'SIGNAL',
  message: 'It was killed.',
  exitCode: null,
  signal: 'SIGKILL',
  peakMemoryBytes: null,
  lastLogLines: ['a secret that was printed'],
};
const FAILED: JobState = { status: 'ERROR', startedAt: 1, finishedAt: 2, failure: FAILURE };

const runningJob = (): Job => transition(aJob(), { status: 'RUNNING', startedAt: 1 }, 1);
const ended = (state: JobState, retryAt: number | null = null): Job => ({
  ...transition(runningJob(), state, 2),
  retryAt,
});

test('each end is one event, of the type of the end', () => {
  const job = runningJob();
  expect(eventOf(job, ended({ status: 'COMPLETED', startedAt: 1, finishedAt: 2 }))).toBe('job.completed');
  expect(eventOf(job, ended({ status: 'STOPPED', startedAt: 1, finishedAt: 2 }))).toBe('job.stopped');
  expect(eventOf(job, ended(FAILED))).toBe('job.failed');
  const over = ended(FAILED);
  expect(eventOf(over, { ...over, notes: 'seen' })).toBeNull();
  expect(eventOf(aJob(), job)).toBeNull();
});

test('a failure that will be retried is job.retrying, and job.failed once the retry is cancelled', () => {
  const retrying = ended(FAILED, 3);
  expect(eventOf(runningJob(), retrying)).toBe('job.retrying');
  expect(eventOf(retrying, { ...retrying, notes: 'seen' })).toBeNull();
  expect(eventOf(retrying, { ...retrying, retryAt: null })).toBe('job.failed');
});

test('a stall is an event when it starts', () => {
  const job = runningJob();
  const stalled: Job = { ...job, health: 'STALLED' };
  expect(eventOf(job, stalled)).toBe('job.stalled');
  expect(eventOf(stalled, { ...stalled, notes: 'seen' })).toBeNull();
  expect(eventOf(stalled, job)).toBeNull();
});

test('the id of a message depends on the event and the webhook only', () => {
  const webhook = (name: string) => ({
    name,
    url: 'https://chat.example/',
    secret: newSecret(),
    events: ['job.stalled', 'job.failed'] as const,
    filter: null,
    allowPrivateAddresses: false,
    link: null,
  });
  const idsOf = (job: Job, next: Job) => messagesOf([webhook('a'), webhook('b')], job, next, 5).map(({ id }) => id);
  const job = runningJob();
  const stalled: Job = { ...job, health: 'STALLED' };
  const first = idsOf(job, stalled);
  expect(idsOf(job, { ...stalled, notes: 'seen' })).toEqual(first);
  const all = [
    ...first,
    ...idsOf(job, { ...stalled, sequence: job.sequence + 1 }),
    ...idsOf(job, { ...stalled, attempt: 2 }),
    ...idsOf(job, ended(FAILED)),
  ];
  expect(new Set(all).size).toBe(8);
  for (const id of all) expect(id).toMatch(/^msg_[0-9a-f]{32}$/);
});

test('a payload has the failure, but no lines of the log', () => {
  const webhook = {
    name: 'a',
    url: 'https://chat.example/',
    secret: newSecret(),
    events: ['job.failed'] as const,
    filter: null,
    allowPrivateAddresses: false,
    link: 'https://lab.example/jobs/{jobId}',
  };
  const [message] = messagesOf([webhook], runningJob(), ended(FAILED), 5);
  expect(message?.payload).not.toContain('printed');
  expect(JSON.parse(message?.payload ?? '')).toMatchObject({
    type: 'job.failed',
    timestamp: expect.stringMatching(/Z$/) as string,
    data: {
      status: 'ERROR',
      failure: { reason: 'SIGNAL', message: 'It was killed.', exitCode: null, signal: 'SIGKILL' },
      finishedAt: '1970-01-01T00:00:00.002Z',
      link: `https://lab.example/jobs/${aJob().id}`,
    },
  });
});
