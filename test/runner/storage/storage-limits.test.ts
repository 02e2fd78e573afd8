import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DiskFullError, type Runner, type RunnerSettings, StorageQuotaError } from '../../../src/runner/index.ts';
import { homeAt } from '../../../src/runner/home.ts';
import { bytesOfJob, filesOfHome } from '../../../src/runner/storage/files-of-home.ts';
import { temporaryHome } from '../../support/home.ts';
import { ended, reach, running, startRunner } from '../../support/runner.ts';
import { until } from '../../support/until.ts';

const SHORT = { backend: 'SIMULATION', epochs: 3 } as const;

async function* table(bytes: number): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(Buffer.alloc(bytes, 'a,b\n'));
}

const quota = (perUser: number): Partial<RunnerSettings> => ({ maxStoredBytes: { perUser, total: Infinity } });
/** The error of an upload of one byte; null if it is accepted. */
const refusalOf = (runner: Runner, user: string) =>
  runner.addDataset(`${user}-probe.csv`, table(1), { uploadedBy: user, replace: true }).then(
    () => null,
    (error: unknown) => error,
  );

function modelBytes(home: string): number {
  const models = join(home, 'models');
  return readdirSync(models).reduce((sum, name) => sum + statSync(join(models, name)).size, 0);
}

test('a job counts for its user when it ends, and no more when it is deleted', async () => {
  const home = temporaryHome();
  // An hour: no measurement helps.
  const runner = await startRunner(home, { ...quota(100), measureEveryMs: 3_600_000 });
  const { id } = await runner.start(SHORT, { startedBy: 'ada' });
  await reach(runner, id, ended);
  expect(modelBytes(home)).toBeGreaterThan(100);
  await until('the job counts', async () => (await refusalOf(runner, 'ada')) instanceof StorageQuotaError);
  expect(await refusalOf(runner, 'bob')).toBeNull();
  await expect(runner.start(SHORT, { startedBy: 'ada' })).rejects.toThrow(/^Your jobs and uploads take/);
  await expect(runner.resume(id, { epochs: 9 })).rejects.toThrow(/^Your jobs and uploads take/);
  await runner.deleteJobs({ ids: [id] });
  expect(await refusalOf(runner, 'ada')).toBeNull();
});

test('the outputs of a job and its models with any ending count for its user when it ends', async () => {
  const home = temporaryHome();
  // An hour: no measurement helps.
  const runner = await startRunner(home, { ...quota(3_000_000), measureEveryMs: 3_600_000 });
  const output = await runner.start({ ...SHORT, epochs: 10_000 }, { startedBy: 'ada' });
  const model = await runner.start({ ...SHORT, epochs: 10_000 }, { startedBy: 'bob' });
  for (const { id } of [output, model]) await reach(runner, id, running);
  mkdirSync(join(home, 'artifacts/outputs', output.id, 'deep'), { recursive: true });
  writeFileSync(join(home, 'artifacts/outputs', output.id, 'deep/plot.bin'), Buffer.alloc(3_000_000));
  writeFileSync(join(home, 'models', `${model.id}.best.onnx`), Buffer.alloc(3_000_000));
  for (const { id } of [output, model]) {
    await runner.stop(id);
    await reach(runner, id, ended);
  }
  for (const user of ['ada', 'bob']) {
    await until(`the files of ${user} count`, async () => (await refusalOf(runner, user)) instanceof StorageQuotaError);
  }
  await runner.deleteJobs({ ids: [output.id, model.id] });
  for (const user of ['ada', 'bob']) expect(await refusalOf(runner, user)).toBeNull();
});

test('a job counts the same when it ends as in a measurement of all files', async () => {
  const home = temporaryHome();
  const runner = await startRunner(home);
  const { id } = await runner.start(SHORT);
  await reach(runner, id, ended);
  const paths = homeAt(home);
  mkdirSync(join(paths.output(id), 'deep'), { recursive: true });
  const more = [
    ...[join(paths.output(id), 'deep/plot.bin'), join(paths.models, `${id}.best.onnx`), `${paths.log(id)}.1`],
    ...[join(paths.staging, `${id}.exit`), join(paths.staging, `${id}.memory`)],
  ];
  for (const [index, path] of more.entries()) writeFileSync(path, Buffer.alloc(10 ** index));
  let measured = 0;
  for await (const { key, bytes } of filesOfHome(paths)) if (key === id) measured += bytes;
  expect(measured).toBeGreaterThan(11_111);
  expect(await bytesOfJob(paths, id)).toBe(measured);
});

test('the next server knows whose the jobs and the datasets are', async () => {
  const home = temporaryHome();
  const first = await startRunner(home, quota(1_000_000));
  await first.addDataset('ada.csv', table(5_000), { uploadedBy: 'ada' });
  await first[Symbol.asyncDispose]();
  const second = await startRunner(home, quota(5_000));
  await until('it has measured', async () => (await refusalOf(second, 'ada')) instanceof StorageQuotaError);
  expect(await refusalOf(second, 'bob')).toBeNull();
});

test('a dataset that is uploaded while the files are measured keeps its owner', async () => {
  const home = temporaryHome();
  mkdirSync(join(home, 'models'));
  // A measurement reads the datasets first. Then it needs a while, and is over once the large file counts.
  for (let n = 0; n < 1_000; n += 1) writeFileSync(join(home, 'models', `${n}.pt`), '');
  writeFileSync(join(home, 'models', 'large.pt'), Buffer.alloc(1_000_000));
  const first = await startRunner(home, { maxStoredBytes: { perUser: Infinity, total: 1_000_000 } });
  const upload = (n: number) =>
    first.addDataset(`${n}.csv`, table(500), { uploadedBy: 'ada' }).then(
      () => true,
      () => false,
    );
  let uploads = 0;
  while (await upload(uploads)) uploads += 1;
  expect(uploads).toBeGreaterThan(0);
  await first[Symbol.asyncDispose]();
  const second = await startRunner(home, quota(uploads * 500));
  await until('it has measured', async () => (await refusalOf(second, 'ada')) instanceof StorageQuotaError);
});

test('starts, resumes and uploads are refused below the floor of free space', async () => {
  const home = temporaryHome();
  const first = await startRunner(home, { maxRunning: 0 });
  const { id } = await first.start(SHORT);
  await first.stop(id);
  await first[Symbol.asyncDispose]();
  const second = await startRunner(home, { minFreeBytes: Number.MAX_SAFE_INTEGER });
  await expect(second.start(SHORT)).rejects.toThrow(DiskFullError);
  await expect(second.resume(id)).rejects.toThrow(DiskFullError);
  await expect(second.addDataset('a.csv', table(1))).rejects.toThrow(DiskFullError);
  expect([second.count(), second.get(id)?.state.status]).toEqual([1, 'STOPPED']);
});

test('an upload that fails does not count', async () => {
  const runner = await startRunner(temporaryHome(), quota(10_000));
  for (let n = 0; n < 3; n += 1) {
    await expect(runner.addDataset('large.csv', table(10_001), { uploadedBy: 'ada' })).rejects.toThrow(/^Your jobs/);
  }
  await expect(runner.addDataset('sample.csv', table(9_000), { uploadedBy: 'ada' })).rejects.toThrow(/exists/);
  await runner.addDataset('small.csv', table(9_000), { uploadedBy: 'ada' });
  expect(await refusalOf(runner, 'ada')).toBeNull();
});
