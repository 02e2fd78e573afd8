import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { OVER_WEBSOCKET, readFeed, readJob, requestTraining, send, startTraining } from '../support/api-client.ts';
import { temporaryHome } from '../support/home.ts';
import { PYTHON } from '../support/runner.ts';
import { startTestServer, type TestServer } from '../support/server-process.ts';
import { HAS_TORCH } from '../support/torch.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());

function addDataset(name: string, content: string): void {
  mkdirSync(join(server.home, 'datasets'), { recursive: true });
  writeFileSync(join(server.home, 'datasets', name), content);
}

describe('a table that cannot be learned from', () => {
  test.each([
    { what: 'without rows', content: 'x,y\n', says: /rows?/i },
    { what: 'with a ragged row', content: 'x,y\n1,2\n3\n4,5\n', says: /line 3/i },
    { what: 'with a constant target', content: 'x,y\n1,7\n2,7\n3,7\n4,7\n5,7\n', says: /\by\b/ },
  ])('($what) is refused before a job starts, with a message that names the place', async ({ content, says }) => {
    addDataset('bad.csv', content);
    const { __typename: kind, message } = await requestTraining(server.url, { dataset: 'bad.csv' });
    expect(kind).toBe('InvalidInputError');
    expect(message).toMatch(/bad\.csv/);
    expect(message).toMatch(says);
  });

  test.skipIf(!HAS_TORCH)(
    'beyond the rows that a start reads, ends as ERROR with a message that names the place',
    async () => {
      const { url } = server;
      addDataset('bad.csv', `x,y\n${'1,2\n3,5\n'.repeat(10_000)}3\n`);
      const { id } = await startTraining(url, { dataset: 'bad.csv', backend: 'TORCH' });

      expect((await readFeed(OVER_WEBSOCKET, url, id)).at(-1)?.status).toBe('ERROR');
      const { failure } = await readJob(url, id);
      expect(failure?.reason).toBe('INVALID_DATASET');
      expect(failure?.message).toMatch(/bad\.csv, line 20002/);
    },
  );
});

test.each([
  { input: { epochs: 0 }, kind: 'InvalidInputError', path: 'epochs' },
  { input: { batchSize: -1 }, kind: 'InvalidInputError', path: 'batchSize' },
  { input: { learningRate: 0 }, kind: 'InvalidInputError', path: 'learningRate' },
  { input: { options: { hiden: [8] } }, kind: 'InvalidInputError', path: 'hiden' },
  { input: { trainer: 'nobody' }, kind: 'InvalidInputError', path: 'trainer' },
  { input: { dataset: '../../etc/passwd' }, kind: /^(DatasetNotFound|InvalidInput)Error$/, path: null },
  { input: { dataset: 'nothing.csv' }, kind: 'DatasetNotFoundError', path: null },
])('startTraining refuses $input with $kind and starts nothing', async ({ input, kind, path }) => {
  const { url } = server;
  const result = await requestTraining(url, { backend: 'SIMULATION', ...input });
  expect(result.__typename).toMatch(kind);
  expect(result.message).toMatch(/\.$/);
  if (path !== null) expect([...(result.path ?? []), result.message].join(' ')).toContain(path);
  expect(result.job).toBeUndefined();
});

test('a training with PyTorch is refused at once where there is none, and AUTO simulates and says so', async () => {
  const home = temporaryHome();
  const bare = join(home, 'bare');
  execFileSync(PYTHON, ['-m', 'venv', '--without-pip', bare]);
  await using simulating = await startTestServer({
    home,
    environment: { TRAINYARD_PYTHON: join(bare, 'bin', 'python') },
  });
  const { url } = simulating;

  const refused = await requestTraining(url, { backend: 'TORCH' });
  expect(refused.__typename).toBe('TrainerUnavailableError');
  expect(refused.message).toMatch(/PyTorch/);

  const { id } = await startTraining(url, { epochs: 2 });
  expect((await readFeed(OVER_WEBSOCKET, url, id)).at(-1)?.status).toBe('COMPLETED');
  const job = await readJob(url, id);
  expect(job.simulation).toBe(true);
  expect(job.checkpoint?.path).toMatch(/\.txt$/);
});

test('a number that is too large for its type is refused with the bounds of its field, in a variable and in a document', async () => {
  const huge = { input: { backend: 'SIMULATION', epochs: 10 ** 12 } };
  const start = 'startTraining(input: $input) { __typename }';
  const says = async (query: string, variables = {}) => (await send(server.url, query, variables)).errors?.[0]?.message;
  expect(await says(`mutation ($input: StartTrainingInput!) { ${start} }`, huge)).toBe(
    'epochs must be a whole number from 1 to 1,000,000; it was 1000000000000.',
  );
  expect(
    await says(`mutation ($epochs: Int) { startTraining(input: { epochs: $epochs }) { __typename } }`, { epochs: 0.5 }),
  ).toBe('epochs must be a whole number from 1 to 1,000,000; it was 0.5.');
  expect(await says('query ($first: Int) { jobs(first: $first) { totalCount } }', { first: -(10 ** 12) })).toBe(
    'first must be a whole number from -2,147,483,648 to 2,147,483,647; it was -1000000000000.',
  );
  expect(await says('{ jobs(first: 1000000000000) { totalCount } }')).toBe(
    'The value must be a whole number from -2,147,483,648 to 2,147,483,647; it was 1000000000000.',
  );
});
