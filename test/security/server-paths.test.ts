import { mkdirSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryHome } from '../support/home.ts';
import { ended, reach, startRunner } from '../support/runner.ts';
import { post, serve } from '../server/support.ts';

test('paths-dataset: the error for a deleted dataset names no folder of the server', async () => {
  const home = temporaryHome();
  const waiting = await startRunner(home, { maxRunning: 0 });
  writeFileSync(join(home, 'datasets', 'gone.csv'), 'a,b\n1,2\n2,3\n');
  const { id } = await waiting.start({ backend: 'SIMULATION', dataset: 'gone.csv', epochs: 2 });
  await waiting[Symbol.asyncDispose]();
  unlinkSync(join(home, 'datasets', 'gone.csv'));
  const runner = await startRunner(home);
  const { state } = await reach(runner, id, ended);
  const message = state.status === 'ERROR' ? state.failure.message : '';
  expect(message).toMatch(/ataset .* not found/);
  expect(message).not.toContain(home);
});

test('paths-python: why no trainer can run names no folder of the server', async () => {
  const server = await serve({ runner: { python: '/srv/secret place/venv/bin/python3' } });
  const { text } = await post(server, `{ trainers { unavailableReason } datasets { name problem } }`);
  expect(text).toContain('There is no Python at');
  expect(text).not.toContain('/srv/secret');
  const { text: start } = await post(
    server,
    `mutation { startTraining(input: {}) { __typename ... on Error { message } } }`,
  );
  expect(start).toContain('There is no Python at');
  expect(start).not.toContain('/srv/secret');
});

test('paths-problem: a dataset that cannot be read names no folder of the server', async () => {
  const server = await serve();
  mkdirSync(join(server.home, 'datasets', 'folder'));
  symlinkSync('/etc/passwd', join(server.home, 'datasets', 'link.csv'));
  writeFileSync(join(server.home, 'datasets', 'bad.csv.gz'), 'no gzip');
  writeFileSync(join(server.home, 'datasets', 'bad.csv'), Buffer.from([0xff, 0xfe, 0, 1, 2]));
  const { text } = await post(server, `{ datasets { name problem } }`);
  expect(text).not.toContain('"errors"');
  expect(text).toMatch(/"name":"bad\.csv","problem":"/);
  expect(text).not.toContain(server.home);
  expect(text).not.toMatch(/"[^"]*(?<![\w/.:])\/(home|tmp|usr|srv)\//);
});
