import { afterAll, beforeAll, expect, test } from 'vitest';
import { send, startTraining } from '../support/api-client.ts';
import { addCompleteScript, COMPLETE_START, templateOf } from '../support/complete-start.ts';
import { startTestServer, type TestServer } from '../support/server-process.ts';
import { trainyard } from './command-support.ts';

let server: TestServer;
let first: string;
beforeAll(async () => {
  server = await startTestServer();
  addCompleteScript(server.home);
  ({ id: first } = await startTraining(server.url, COMPLETE_START));
});
afterAll(() => server[Symbol.asyncDispose]());

async function startLike(flags: readonly string[]): Promise<object> {
  const { code, stdout, stderr } = await trainyard(server.url, ['start', '--json', '--like', first, ...flags]);
  expect(code, stderr).toBe(0);
  const { id } = JSON.parse(stdout) as { id: string };
  expect(id).not.toBe(first);
  return templateOf(server.url, id);
}

/** The fields that say when one start happens, or which one it is. Another job has its own. */
const OF_ONE_START = ['idempotencyKey', 'dependsOn', 'notBefore'];

test('a job has every field of its start, except for those that belong to one start', async () => {
  expect(await templateOf(server.url, first)).toEqual(COMPLETE_START);
  const query = '{ __type(name: "StartTrainingInput") { inputFields { name } } }';
  const { data } = await send<{ __type: { inputFields: { name: string }[] } }>(server.url, query);
  const fields = data?.__type.inputFields.map(({ name }) => name) ?? [];
  expect(fields.toSorted()).toEqual([...Object.keys(COMPLETE_START), ...OF_ONE_START].toSorted());
});

test('start --like starts the same job again', async () => {
  expect(await startLike([])).toEqual(COMPLETE_START);
});

test('other flags change the values of the job, and an option keeps the others', async () => {
  expect(await startLike(['--seed', '12', '-o', 'width=16', '--argument=--other'])).toEqual({
    ...COMPLETE_START,
    seed: 12,
    options: { ...COMPLETE_START.options, width: 16 },
    arguments: ['--other'],
  });
});

test('another trainer cannot be given with --like', async () => {
  const { code, stderr } = await trainyard(server.url, ['start', '--like', first, '--trainer', 'tabular']);
  expect(code).toBe(2);
  expect(stderr).toContain('--like takes the trainer of that job: leave --trainer out.');
});

test('a job that does not exist is an error with what to do', async () => {
  const { code, stderr } = await trainyard(server.url, ['start', '--like', 'job_1700000000000_00000000']);
  expect(code).not.toBe(0);
  expect(stderr).toContain('There is no job job_1700000000000_00000000. `trainyard jobs` lists all jobs.');
});
