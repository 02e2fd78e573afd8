import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readJob, startTraining } from '../support/api-client.ts';
import { temporaryHome } from '../support/home.ts';
import { startTestServer, type TestServer } from '../support/server-process.ts';
import { bearer, tokenLine } from '../support/tokens.ts';
import { post } from '../server/support.ts';
import { until } from '../support/until.ts';
import { trainyard } from './command-support.ts';

const TABLE = `rooms,city,price\n${Array.from({ length: 1200 }, (_, row) => `${(row % 7) + 1},${row % 2 ? 'Oslo' : 'Bergen'},${row * 10}\n`).join('')}`;

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());

test('a user uploads a table, finds it in the list, previews it and deletes it', async () => {
  const { url, home } = server;
  const file = join(temporaryHome(), 'my houses.csv');
  writeFileSync(file, TABLE);
  expect(await trainyard(url, ['datasets', 'upload', file, '--name', 'houses.csv'])).toEqual({
    code: 0,
    stdout: 'houses.csv uploaded: 1,200 rows, 16 kB.\n',
    stderr: '',
  });
  expect(await trainyard(url, ['datasets', 'upload', file, '--name', 'houses.csv'])).toMatchObject({
    code: 1,
    stderr: 'A dataset named "houses.csv" already exists. Use --name for another name, or --replace.\n',
  });
  expect((await trainyard(url, ['datasets', 'upload', file, '--name', 'houses.csv', '--replace'])).code).toBe(0);
  const { stdout: list } = await trainyard(url, ['datasets']);
  expect(list).toMatch(/^NAME +FORMAT +ROWS +COLUMNS +SIZE +PROBLEM\nhouses\.csv +CSV +1,200 +3 +16 kB\nsample\.csv /);
  const { stdout: preview } = await trainyard(url, ['datasets', 'preview', 'houses.csv', '-n', '2']);
  expect(preview).toMatch(/^houses\.csv {2}CSV, 1,200 rows, 16 kB\n/);
  expect(preview).toMatch(/^rooms +number +1 to 7$/m);
  expect(preview).toMatch(/^city +category +2 values$/m);
  expect(preview).toMatch(/^rooms +city +price\n +1 +Bergen +0\n +2 +Oslo +10\n$/m);
  expect(await trainyard(url, ['datasets', 'delete', 'houses.csv'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('Delete houses.csv from the server?') as string,
  });
  expect(await trainyard(url, ['datasets', 'delete', 'houses.csv', '--yes'])).toMatchObject({
    code: 0,
    stdout: 'Deleted houses.csv.\n',
  });
  expect(existsSync(join(home, 'datasets', 'houses.csv'))).toBe(false);
  expect(await trainyard(url, ['datasets', 'preview', 'houses.csv'])).toMatchObject({
    code: 2,
    stderr: 'No dataset is named "houses.csv". `trainyard datasets` lists all datasets.\n',
  });
});

test('a path that is not a table, or not a file, is refused with a sentence', async () => {
  const { url } = server;
  const folder = temporaryHome();
  writeFileSync(join(folder, 'letter.csv'), 'Dear Ada,\n\n  how are you? "Fine, I hope\n');
  expect(await trainyard(url, ['datasets', 'upload', join(folder, 'missing.csv')])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('missing.csv does not exist.') as string,
  });
  expect(
    await trainyard(url, ['datasets', 'upload', join(folder, 'letter.csv'), '--name', 'letter.pdf']),
  ).toMatchObject({ code: 1, stderr: expect.stringContaining('must end in .csv') as string });
});

test('a dataset that a job uses stays until the job has ended, also under another form of its name', async () => {
  const { url, home } = server;
  writeFileSync(join(home, 'datasets', 'used.csv'), TABLE);
  const { id } = await startTraining(url, { backend: 'SIMULATION', epochs: 100_000, dataset: './used.csv' });
  expect(await trainyard(url, ['datasets', 'delete', 'used.csv', '-y'])).toMatchObject({
    code: 1,
    stderr: `The dataset "used.csv" cannot be deleted: the job ${id} uses it. Stop the job or wait for its end, then try again.\n`,
  });
  expect(existsSync(join(home, 'datasets', 'used.csv'))).toBe(true);
  await trainyard(url, ['stop', id, '--wait']);
  await until('it has stopped', async () => (await readJob(url, id)).status === 'STOPPED');
  expect((await trainyard(url, ['datasets', 'delete', 'used.csv', '-y'])).code).toBe(0);
  expect(existsSync(join(home, 'datasets', 'used.csv'))).toBe(false);
  expect(await trainyard(url, ['datasets', 'delete', '../artifacts/trainyard.db', '-y'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('There is no dataset') as string,
  });
});

test('an operator deletes only the datasets that it uploaded itself, and the audit log names each', async () => {
  const tokens = join(temporaryHome(), 'tokens');
  const roles = { vera: 'viewer', olga: 'operator', otto: 'operator', adam: 'admin' };
  writeFileSync(
    tokens,
    Object.entries(roles)
      .map(([name, role]) => tokenLine(name, `secret-${name}`, role))
      .join(''),
  );
  await using guarded = await startTestServer({ environment: { TRAINYARD_TOKENS_FILE: tokens } });
  const as = (name: string, ...args: string[]) =>
    trainyard(guarded.url, ['datasets', ...args], { environment: { TRAINYARD_TOKEN: `secret-${name}` } });
  const file = join(temporaryHome(), 'mine.csv');
  writeFileSync(file, TABLE);
  expect((await as('olga', 'upload', file)).code).toBe(0);
  for (const name of ['vera', 'otto']) {
    expect(await as(name, 'delete', 'mine.csv', '-y')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('does not allow') as string,
    });
  }
  expect((await as('otto', 'delete', 'sample.csv', '-y')).code).toBe(1);
  expect((await as('olga', 'delete', 'mine.csv', '-y')).code).toBe(0);
  expect((await as('olga', 'upload', file)).code).toBe(0);
  expect((await as('adam', 'delete', 'mine.csv', '-y')).code).toBe(0);
  const { data } = (
    await post(guarded, '{ auditLog(first: 20) { edges { node { action user targets outcome } } } }', {
      headers: bearer('secret-adam'),
    })
  ).json();
  const { edges } = data?.['auditLog'] as { edges: { node: { action: string } }[] };
  const deletions = edges.map(({ node }) => node).filter(({ action }) => action === 'deleteDataset');
  expect(deletions).toEqual(
    ['adam', 'olga', 'otto', 'otto', 'vera'].map((user, index) => ({
      action: 'deleteDataset',
      user,
      targets: [index === 2 ? 'sample.csv' : 'mine.csv'],
      outcome: index < 2 ? 'SUCCEEDED' : 'REFUSED',
    })),
  );
});
