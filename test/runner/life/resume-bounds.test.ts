import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { homeAt, makeFolders } from '../../../src/runner/home.ts';
import { STANDARD_SETTINGS } from '../../../src/runner/job/request.ts';
import { noProgress } from '../../../src/runner/job/next-attempt.ts';
import type { JobState } from '../../../src/runner/job/types.ts';
import { createNewAttempts } from '../../../src/runner/life/new-attempts.ts';
import { temporaryHome } from '../../support/home.ts';
import { jobStoreOn } from '../../support/job-store.ts';
import { recordedLog } from '../../support/runner.ts';
import { aJob } from '../job/a-job.ts';

const SAMPLE = new URL('../../../python/trainyard/data/sample.csv', import.meta.url);
const completed: JobState = {
  status: 'COMPLETED',
  startedAt: 1,
  finishedAt: 2,
};
const stopped: JobState = { status: 'STOPPED', startedAt: 1, finishedAt: 2 };
const trainer = {
  name: 'tabular',
  source: 'SHIPPED',
  settings: STANDARD_SETTINGS,
  acceptsArguments: false,
  title: '',
  description: '',
  available: true,
  unavailableReason: null,
} as const;

/** Resumes a job of 10 epochs, or of as many as it has `reported`, that ended in `epoch`. @returns the total of the next attempt */
async function resume(state: JobState, epoch: number, epochs?: number, reported = 10): Promise<number | null> {
  const home = homeAt(temporaryHome());
  makeFolders(home);
  copyFileSync(SAMPLE, join(home.datasets, 'sample.csv'));
  const logger = recordedLog();
  const { events, jobs } = jobStoreOn(home.root, logger);
  const attempts = createNewAttempts({
    storage: { checkSpace: () => Promise.resolve() },
    home,
    jobs,
    events,
    trainers: () =>
      Promise.resolve([
        {
          ...trainer,
          backends: ['SIMULATION'],
          defaults: null,
          options: {},
          versions: {},
        },
      ]),
    enqueue: () => undefined,
    isFull: () => false,
    nextPlace: () => 1,
    limit: 1,
    logger,
  });
  onTestFinished(() => attempts.close());
  const job = aJob({ state, progress: { ...noProgress(reported, 1), epoch } });
  jobs.add(job, null);
  return (await attempts.resume(job.id, { epochs })).request.epochs;
}

test('a stopped script whose arguments set more epochs than its setting is resumed', async () => {
  expect(await resume(stopped, 12, undefined, 20)).toBe(10);
  await expect(resume(completed, 20, undefined, 20)).rejects.toThrow('has already completed 20 of 20');
});

test.each([
  ['a completed job', completed, 10, 11],
  ['a job that was stopped in its fifth epoch, which is not complete', stopped, 5, 5],
  ['a job that was stopped before its first epoch', stopped, 0, 1],
])('%s is resumed with more epochs than it has completed', async (_, state, epoch, least) => {
  expect(await resume(state, epoch, least)).toBe(least);
  await expect(resume(state, epoch, least - 1)).rejects.toMatchObject({
    inputPath: ['input', 'epochs'],
  });
});

test('a stopped job is resumed up to its own number of epochs, a completed one needs a larger one', async () => {
  expect(await resume(stopped, 5)).toBe(10);
  await expect(resume(completed, 10)).rejects.toMatchObject({
    inputPath: ['input', 'epochs'],
  });
});

test('the number of epochs is a whole number up to a million', async () => {
  expect(await resume(stopped, 5, 1_000_000)).toBe(1_000_000);
  for (const epochs of [1_000_001, 10.5, NaN]) {
    await expect(resume(stopped, 5, epochs)).rejects.toMatchObject({
      inputPath: ['input', 'epochs'],
    });
  }
});
