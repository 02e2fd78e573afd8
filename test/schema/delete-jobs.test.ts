import { expect, test } from 'vitest';
import { recordEndedJobs } from '../support/fleet-home.ts';
import { temporaryHome } from '../support/home.ts';
import { startRunner } from '../support/runner.ts';
import { deleteJobs } from '../../src/resolvers/delete-jobs.ts';
import { post, queueJob, serve, type TestServer } from '../server/support.ts';

const DELETE = `mutation ($input: DeleteJobsInput!) { deleteJobs(input: $input) {
  __typename
  ... on DeleteJobsSuccess { deletedIds wouldDelete { count ids } }
  ... on InvalidInputError { message path }
} }`;

async function remove(server: TestServer, input: object) {
  return (await post(server, DELETE, { variables: { input } })).json().data?.['deleteJobs'];
}

/** A server with one job that has ended, and one that waits. */
async function serveTwo() {
  const server = await serve();
  const [ended, waiting] = [await queueJob(server.runner, 'one two'), await queueJob(server.runner, 'one two')];
  await server.runner.stop(ended.id);
  return { server, ended, waiting };
}

test.each([
  {},
  { text: '' },
  { text: ' \t\n' },
  { name: '' },
  { name: '\u00a0 ' },
  { trainer: '', dataset: ' ' },
  { allTags: [] },
  { metrics: [] },
  { ids: [] },
  { status: [] },
  { tags: [] },
  { text: null },
  { text: ' ', name: '', tags: [], allTags: [], metrics: [], status: [], ids: null, createdAfter: null },
])('the filter %j has no condition, so nothing is deleted', async (filter) => {
  const { server } = await serveTwo();
  const refusal = {
    __typename: 'InvalidInputError',
    path: ['input', 'filter'],
    message: expect.stringContaining('Give at least one condition that is not empty') as string,
  };
  expect(await remove(server, { filter })).toMatchObject(refusal);
  expect(await remove(server, { filter, dryRun: true })).toMatchObject(refusal);
  expect(server.runner.count()).toBe(2);
});

test('an empty condition does not widen a filter with another condition', async () => {
  const { server, ended } = await serveTwo();
  expect(await remove(server, { filter: { ids: [], status: ['STOPPED'] } })).toMatchObject({ deletedIds: [] });
  expect(await remove(server, { filter: { tags: [], name: 'one' } })).toMatchObject({ deletedIds: [] });
  expect(await remove(server, { filter: { text: '   ', status: ['STOPPED'] } })).toMatchObject({ deletedIds: [] });
  expect(await remove(server, { filter: { allTags: [], text: '', status: ['STOPPED'] } })).toMatchObject({
    deletedIds: [ended.id],
    wouldDelete: null,
  });
});

test('a dry run returns the jobs that would be deleted, and deletes nothing', async () => {
  const { server, ended } = await serveTwo();
  const filter = { name: 'one two' };
  const found = { deletedIds: [], wouldDelete: { count: 1, ids: [ended.id] } };
  expect(await remove(server, { filter, dryRun: true })).toMatchObject(found);
  expect(await remove(server, { filter, dryRun: true })).toMatchObject(found);
  expect(server.runner.count()).toBe(2);
  expect(await remove(server, { filter, dryRun: false })).toMatchObject({ deletedIds: [ended.id], wouldDelete: null });
  expect(await remove(server, { filter, dryRun: true })).toMatchObject({ wouldDelete: { count: 0, ids: [] } });
});

test('a dry run counts all jobs that would be deleted, and lists the newest thousand', async () => {
  const home = temporaryHome();
  const ids = recordEndedJobs(home, 1_200);
  const runner = await startRunner(home, { maxRunning: 0 });
  const { deletedIds, wouldDelete } = await deleteJobs(
    { runner, caller: { user: null, role: 'admin', address: '127.0.0.1', requestId: 'test' } },
    { filter: { status: ['COMPLETED', 'STOPPED', 'ERROR'] }, dryRun: true },
  );
  expect(deletedIds).toEqual([]);
  expect(wouldDelete).toEqual({ count: 1_200, ids: ids.slice(0, 1_000) });
  expect(runner.count()).toBe(1_200);
});
