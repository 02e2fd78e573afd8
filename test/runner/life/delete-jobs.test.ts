import { expect, test } from 'vitest';
import { createDeletion } from '../../../src/runner/life/delete-jobs.ts';
import { homeAt, makeFolders } from '../../../src/runner/home.ts';
import { temporaryHome } from '../../support/home.ts';
import { jobStoreOn } from '../../support/job-store.ts';
import { recordedLog } from '../../support/runner.ts';
import { aJob } from '../job/a-job.ts';

test('a job that is resumed while many jobs are being deleted is not deleted', async () => {
  const home = homeAt(temporaryHome());
  makeFolders(home);
  const { record, jobs } = jobStoreOn(home.root, recordedLog());
  const ids = Array.from({ length: 600 }, (_, n) => `job_${1e12 + n}_00000000`);
  const ended = { status: 'STOPPED', startedAt: null, finishedAt: 2 } as const;
  for (const [n, id] of ids.entries()) jobs.add(aJob({ id, createdAt: 1e12 + n, state: ended }), null);
  const last = jobs.index.get(ids.at(-1) ?? '') ?? expect.fail('no job');

  const deleted = createDeletion(home, jobs).deleteJobs({
    status: ['STOPPED'],
  });
  jobs.replace({ ...last, attempt: 2, state: { status: 'QUEUED' } });
  expect(await deleted).toEqual(ids.slice(0, -1));
  expect(record.readAfter('', 10).map(({ job }) => [job.id, job.attempt])).toEqual([[last.id, 2]]);
  expect(jobs.index.select({})).toHaveLength(1);
});

test('a job that waits for a retry is not deleted', async () => {
  const home = homeAt(temporaryHome());
  makeFolders(home);
  const { jobs } = jobStoreOn(home.root, recordedLog());
  const failure = {
    message: '.',
    exitCode: 1,
    signal: null,
    peakMemoryBytes: null,
    lastLogLines: [],
  };
  const state = {
    status: 'ERROR',
    startedAt: 1,
    finishedAt: 2,
    failure: { reason: 'EXIT_NONZERO', ...failure },
  } as const;
  const waiting = aJob({ id: 'job_1000_00000001', state, retryAt: 9_000_000 });
  const over = aJob({ id: 'job_1000_00000002', state });
  for (const job of [waiting, over]) jobs.add(job, null);
  const deletion = createDeletion(home, jobs);
  expect(deletion.deletableJobs({ status: ['ERROR'] })).toEqual([over.id]);
  expect(await deletion.deleteJobs({ status: ['ERROR'] })).toEqual([over.id]);
  expect(jobs.index.get(waiting.id)).toEqual(waiting);
});
