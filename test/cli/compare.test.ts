import { afterAll, beforeAll, expect, test } from 'vitest';
import { readJob, startTraining } from '../support/api-client.ts';
import { startTestServer, type TestServer } from '../support/server-process.ts';
import { until } from '../support/until.ts';
import { trainyard } from './command-support.ts';

let server: TestServer;
const ids: string[] = [];

beforeAll(async () => {
  server = await startTestServer();
  const { url } = server;
  for (const [name, learningRate, hidden] of [
    ['narrow net', 0.01, [16]],
    ['wide net', 0.1, [64, 64]],
  ] as const) {
    const input = { name, tags: ['sweep'], backend: 'SIMULATION', epochs: 3, learningRate, options: { hidden } };
    const { id } = await startTraining(url, input);
    await until('it has ended', async () => (await readJob(url, id)).status === 'COMPLETED');
    ids.push(id);
  }
});
afterAll(() => server[Symbol.asyncDispose]());

test('a user compares the newest two jobs: scores first, then the settings in which they differ', async () => {
  const { code, stdout, stderr } = await trainyard(server.url, ['compare', '@2', '@1']);
  expect(code, stderr).toBe(0);
  const [scores = '', settings = ''] = stdout.split('\n\n');
  expect(scores).toMatch(/^NAME +SCORE +METRIC +BASELINE .*\nnarrow net .*COMPLETED.*\nwide net .*COMPLETED/);
  expect(settings).toMatch(/^NAME +learning rate +hidden\nnarrow net +0\.01 +16\nwide net +0\.1 +64, 64\n$/);
});

test('flags select the compared jobs, and --json has their scores and settings', async () => {
  const { stdout } = await trainyard(server.url, ['compare', '--tag', 'sweep', '--json']);
  const { jobs, differences } = JSON.parse(stdout) as { jobs: { id: string }[]; differences: object[] };
  expect(jobs.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
  expect(differences).toMatchObject([{ name: 'learning rate' }, { name: 'hidden' }]);
  expect((await trainyard(server.url, ['compare', '--tag', 'none'])).stdout).toBe('No job matches.\n');
});

test('a comparison of one job, or of jobs that do not exist, is an error with what to do', async () => {
  expect(await trainyard(server.url, ['compare', '@1'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining(
      'Name at least two jobs to compare, or select them with a flag such as --tag sweep.\n',
    ) as string,
  });
  expect((await trainyard(server.url, ['compare', '@1', '@9'])).stderr).toBe('There are only 2 jobs.\n');
  const { code, stderr } = await trainyard(server.url, ['compare', '@1', 'job_1700000000000_00000000']);
  expect(code).not.toBe(0);
  expect(stderr).toBe('There is no job job_1700000000000_00000000. `trainyard jobs` lists all jobs.\n');
});
