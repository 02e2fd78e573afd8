import { expect, onTestFinished, test } from 'vitest';
import { createNewAttempts } from '../../../src/runner/life/new-attempts.ts';
import { homeAt } from '../../../src/runner/home.ts';
import type { Job } from '../../../src/runner/index.ts';
import { failCalls } from '../../faults/failing-calls.ts';
import { temporaryHome } from '../../support/home.ts';
import { jobStoreOn } from '../../support/job-store.ts';
import { recordedLog } from '../../support/runner.ts';
import { until } from '../../support/until.ts';
import { aJob } from '../job/a-job.ts';

/** A failed job that is to be retried at once, over a real database. */
function failedJob() {
  const home = temporaryHome();
  const logger = recordedLog();
  const { events, jobs } = jobStoreOn(home, logger);
  const queued: Job[] = [];
  const attempts = createNewAttempts({
    home: homeAt(home),
    storage: { checkSpace: () => Promise.resolve() },
    jobs,
    events,
    trainers: () => Promise.resolve([]),
    enqueue: (job) => queued.push(job),
    isFull: () => false,
    nextPlace: () => 1,
    limit: 1,
    logger,
  });
  onTestFinished(() => attempts.close());
  const failure = {
    reason: 'SIGNAL',
    message: '',
    exitCode: null,
    signal: 'SIGKILL',
    peakMemoryBytes: null,
    lastLogLines: [],
  } as const;
  const job = aJob({ state: { status: 'ERROR', startedAt: 1, finishedAt: 2, failure }, retryAt: Date.now() });
  jobs.add(job, null);
  return { home, logger, jobs, attempts, queued, job };
}

test('a retry that cannot be recorded is tried again, and the process keeps running', async () => {
  const { home, logger, attempts, queued, job } = failedJob();
  using calls = failCalls(home, { call: 'sql BEGIN', occurrence: 1, code: 'ENOSPC' });
  attempts.schedule(job);
  await until('the job is retried', () => queued.length > 0);
  expect(queued).toMatchObject([{ id: job.id, attempt: 2, retries: 1, retryAt: null }]);
  expect(calls.failed).toEqual(['sql BEGIN']);
  expect(logger.lines.map(({ message }) => message)).toEqual(['cannot retry a job; trying again']);
});

test('a retry whose cancellation cannot be recorded still happens', async () => {
  const { home, attempts, queued, job } = failedJob();
  attempts.schedule(job);
  {
    using calls = failCalls(home, { call: 'sql BEGIN', occurrence: 1, code: 'ENOSPC' });
    expect(() => attempts.cancel(job.id)).toThrow('full');
    expect(calls.failed).toEqual(['sql BEGIN']);
  }
  await until('the job is retried', () => queued.length > 0);
  expect(attempts.cancel(job.id)).toBe(false);
});
