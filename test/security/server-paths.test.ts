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

/** Every text of the API about jobs and datasets, apart from logs, which are what the trainer printed. */
const EVERY_TEXT = `{
  jobs { edges { node {
    name dataset options notes trainer
    progress { message }
    failure { message }
    checkpoint { path safetensorsPath }
  } } }
  datasets { name problem columns }
  dataset(name: "broken.csv") { problem preview { columns { name note } } }
  trainers { description unavailableReason options }
}`;

test('paths-home: no text of a job or dataset names a home in an unusual place', { timeout: 300_000 }, async () => {
  const home = join(temporaryHome(), `my "odd" lab's (ünusual) [place]`);
  mkdirSync(home);
  const server = await serve({ runner: { maxRunning: 2 }, home });
  const datasets = join(home, 'datasets');
  writeFileSync(join(datasets, 'good.csv'), 'a,b\n1,2\n2,3\n3,4\n4,5\n5,6\n6,7\n7,8\n8,9\n');
  writeFileSync(join(datasets, 'broken.csv'), Buffer.from([0xff, 0xfe, 0, 1, 2]));
  writeFileSync(join(datasets, 'broken.csv.gz'), 'no gzip');
  writeFileSync(join(datasets, 'empty.csv'), '');
  // A start does not read this far.
  writeFileSync(join(datasets, 'late.csv'), `a,b\n${'1,2\n3,5\n'.repeat(10_000)}3\n`);
  const starts = ['good.csv', 'empty.csv', 'broken.csv', 'broken.csv.gz', 'late.csv'].map((dataset) =>
    server.runner.start({
      backend: 'AUTO',
      dataset,
      epochs: 1,
      options: dataset === 'good.csv' ? { target: 'c' } : {},
    }),
  );
  const results = await Promise.allSettled(starts);
  for (const result of results) {
    if (result.status === 'fulfilled') await reach(server.runner, result.value.id, ended);
    else expect(String(result.reason)).not.toMatch(/odd|ünusual/);
  }
  const { text } = await post(server, EVERY_TEXT);
  expect(text).not.toContain('"errors"');
  expect(text).toContain('"failure":{"message"');
  expect(text).not.toMatch(/odd|ünusual|lab's/);
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
  expect(text + start).not.toContain('secret place');
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
