import { expect, onTestFinished, test } from 'vitest';
import { createDeletion } from '../../../src/runner/life/deletion.ts';
import { createFleetRecord } from '../../../src/runner/store/fleet-record.ts';
import { homeAt, makeFolders } from '../../../src/runner/home.ts';
import { createJobs } from '../../../src/runner/store/job-store.ts';
import { createNotifications } from '../../../src/runner/webhooks/notifications.ts';
import { openDatabase } from '../../../src/runner/store/database.ts';
import { createJobRecord } from '../../../src/runner/store/job-record.ts';
import { temporaryHome } from '../../support/home.ts';
import { recordedLog } from '../../support/runner.ts';
import { aJob } from '../job/a-job.ts';

test('of a great many jobs that are being deleted, one that is resumed meanwhile stays', async () => {
  const home = homeAt(temporaryHome());
  makeFolders(home);
  const database = openDatabase(home.database, home.root);
  const fleet = createFleetRecord(database);
  const notifications = createNotifications({ database, webhooks: [], logger: recordedLog() });
  const record = createJobRecord(database, fleet, notifications);
  const jobs = createJobs({ record, fleet, notifications, onChange: () => undefined });
  onTestFinished(() => {
    void notifications.close();
    database.close();
  });
  const ids = Array.from({ length: 600 }, (_, n) => `job_${1e12 + n}_00000000`);
  const ended = { status: 'STOPPED', startedAt: null, finishedAt: 2 } as const;
  for (const [n, id] of ids.entries()) jobs.add(aJob({ id, createdAt: 1e12 + n, state: ended }), null);
  const last = jobs.list.get(ids.at(-1) ?? '') ?? expect.fail('no job');

  const deleted = createDeletion(home, jobs).deleteJobs({ status: ['STOPPED'] });
  jobs.begin({ ...last, attempt: 2, state: { status: 'QUEUED' } });
  expect(await deleted).toEqual(ids.slice(0, -1));
  expect(record.load().map(({ job }) => [job.id, job.attempt])).toEqual([[last.id, 2]]);
  expect([...jobs.list.values()]).toHaveLength(1);
});
