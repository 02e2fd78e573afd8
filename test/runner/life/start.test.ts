import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { HomeInUseError, type StartInput } from '../../../src/runner/index.ts';
import { temporaryHome } from '../../support/home.ts';
import { startRunner } from '../../support/runner.ts';
import { until } from '../../support/until.ts';

const SIMULATED = { backend: 'SIMULATION', epochs: 5 } as const;

test.each<[StartInput, string, string]>([
  [{ epochs: 0 }, 'epochs', 'epochs must be a whole number from 1 to 1,000,000; it was 0.'],
  [{ batchSize: 1.5 }, 'batchSize', 'batchSize must be a whole number'],
  [{ learningRate: 0 }, 'learningRate', 'learningRate must be a number above 0'],
  [{ learningRate: NaN }, 'learningRate', 'learningRate must be a number above 0'],
  [{ seed: -1 }, 'seed', 'seed must be a whole number from 0'],
  [
    { name: ' ' },
    'name',
    'A name is one line of 1 to 200 characters, without control or bidirectional formatting characters.',
  ],
  [
    { tags: ['ok', ''] },
    'tags.1',
    'A tag is one line of 1 to 64 characters, without control or bidirectional formatting characters.',
  ],
  [{ trainer: 'tabula' }, 'trainer', 'Unknown trainer "tabula". Available trainers: tabular, language-model.'],
  [{ options: { hiden: [4] } }, 'options.hiden', 'Trainer tabular has no option "hiden". It has: '],
  [{ options: { hidden: 'wide' } }, 'options.hidden', 'options.hidden must be a list, such as [1, 2]'],
  [{ options: { hidden: [1, -1] } }, 'options.hidden.1', 'options.hidden.1 must be >='],
])('refuses %j and says where', async (input, path, message) => {
  const runner = await startRunner(temporaryHome());
  await expect(runner.start(input)).rejects.toMatchObject({
    code: 'INVALID_INPUT',
    inputPath: ['input', ...path.split('.')],
    message: expect.stringContaining(message) as string,
  });
  expect(runner.count()).toBe(0);
});

test('checks few of many calls at once in each turn of the event loop', async () => {
  const runner = await startRunner(temporaryHome());
  const refuse = () => runner.start({ epochs: 0 }).catch(() => undefined);
  // From now on, the trainers are known.
  await refuse();
  let [inTurn, most] = [0, 0];
  const count = () => {
    if (inTurn === 0) setImmediate(() => (inTurn = 0));
    inTurn += 1;
    most = Math.max(most, inTurn);
  };
  await Promise.all(Array.from({ length: 64 }, () => refuse().then(count)));
  // The callback above may run after the next group has its turn.
  expect(most).toBeLessThanOrEqual(16);
});

test('accepts only datasets inside the datasets folder', async () => {
  const home = temporaryHome();
  const runner = await startRunner(home);
  writeFileSync(join(home, 'secret.csv'), 'x,y\n1,2\n');
  symlinkSync(join(home, 'secret.csv'), join(home, 'datasets/link.csv'));
  symlinkSync('loop.csv', join(home, 'datasets/loop.csv'));
  mkdirSync(join(home, 'datasets/sub'));
  writeFileSync(join(home, 'datasets/sub/inside.csv'), 'x,y\n1,2\n');
  for (const dataset of [
    '../secret.csv',
    join(home, 'secret.csv'),
    'link.csv',
    'loop.csv',
    'none.csv',
    '',
    'a\0b',
    '.',
    'x'.repeat(5000),
  ]) {
    await expect(runner.start({ ...SIMULATED, dataset })).rejects.toMatchObject({ code: 'DATASET_NOT_FOUND' });
  }
  await expect(runner.start({ ...SIMULATED, dataset: 'sub/inside.csv' })).resolves.toBeDefined();
});

test('describes the files in the datasets folder', async () => {
  const home = temporaryHome();
  const runner = await startRunner(home);
  writeFileSync(join(home, 'datasets/bad.csv'), 'a,b\n1,2,3\n');
  writeFileSync(join(home, 'datasets/lines.jsonl'), '{"a": 1, "b": 2}\n{"a": 3, "b": 4}\n');
  writeFileSync(join(home, 'datasets/.hidden.csv'), 'a,b\n1,2\n');
  writeFileSync(join(home, 'datasets/-h.csv'), 'a,b\n1,2\n');
  const datasets = await runner.datasets();
  expect(datasets.map(({ name, format, rows }) => [name, format, rows])).toEqual([
    ['-h.csv', 'CSV', 1],
    ['bad.csv', null, null],
    ['lines.jsonl', 'JSONL', 2],
    ['sample.csv', 'CSV', 30],
  ]);
  expect(datasets[1]?.problem).toMatch(/line 2/i);
});

test('the same idempotency key gives the same job, also concurrently and after a restart', async () => {
  const home = temporaryHome();
  const first = await startRunner(home);
  const input = { ...SIMULATED, options: { hidden: [], patience: 5 }, idempotencyKey: 'k' };
  const [a, b] = await Promise.all([first.start(input), first.start(input)]);
  expect(a.id).toBe(b.id);
  await first[Symbol.asyncDispose]();
  const second = await startRunner(home);
  const again = await second.start({
    idempotencyKey: 'k',
    options: { patience: 5, hidden: [] },
    epochs: 5,
    backend: 'SIMULATION',
  });
  expect(again.id).toBe(a.id);
  await expect(second.start({ ...input, epochs: 6 })).rejects.toMatchObject({
    code: 'IDEMPOTENCY_CONFLICT',
    jobId: a.id,
  });
  expect(second.count()).toBe(1);
});

test('the key of a deleted job is free, and concurrent starts with it create one job', async () => {
  const runner = await startRunner(temporaryHome(), { maxRunning: 0 });
  const { id } = await runner.start({ ...SIMULATED, idempotencyKey: 'k' });
  await runner.stop(id);
  await runner.deleteJobs({ status: ['STOPPED'] });
  const input = { ...SIMULATED, epochs: 7, idempotencyKey: 'k' };
  const jobs = await Promise.all([runner.start(input), runner.start(input), runner.start(input)]);
  expect(new Set(jobs.map((job) => job.id)).size).toBe(1);
  expect(jobs[0].id).not.toBe(id);
  expect(runner.count()).toBe(1);
});

test('a key whose start failed may be used again', async () => {
  const runner = await startRunner(temporaryHome());
  await expect(runner.start({ ...SIMULATED, dataset: 'none.csv', idempotencyKey: 'k' })).rejects.toThrow('none.csv');
  await expect(runner.start({ ...SIMULATED, idempotencyKey: 'k' })).resolves.toBeDefined();
});

test('a full queue refuses starts, also concurrent ones', async () => {
  const runner = await startRunner(temporaryHome(), { maxRunning: 1, maxQueued: 2 });
  const starts = await Promise.allSettled(
    Array.from({ length: 8 }, () => runner.start({ backend: 'SIMULATION', epochs: 300 })),
  );
  const refused = starts.filter(({ status }) => status === 'rejected');
  expect(refused).toHaveLength(5);
  expect(refused[0]).toMatchObject({ reason: { code: 'QUEUE_FULL', limit: 2 } });
});

test('a second runner on the same home is refused, and the next one after it is not', async () => {
  const home = temporaryHome();
  const first = await startRunner(home);
  // In this process SQLite's lock is the same as between processes: it belongs to the connection.
  await expect(startRunner(home)).rejects.toThrow(HomeInUseError);
  await first[Symbol.asyncDispose]();
  await expect(startRunner(home)).resolves.toBeDefined();
});

test('without Python the trainer is unavailable and says what to do', async () => {
  const runner = await startRunner(temporaryHome(), { python: '/nowhere/python3' });
  const [trainer] = await runner.trainers();
  expect(trainer).toMatchObject({ name: 'tabular', available: false, backends: [] });
  expect(trainer?.unavailableReason).toBe(
    'There is no Python at …/python3. Run `npm run setup`, or point TRAINYARD_PYTHON at a Python 3.10 or newer.',
  );
  await expect(runner.start({})).rejects.toMatchObject({ code: 'TRAINER_UNAVAILABLE' });
  expect(await runner.datasets()).toMatchObject([{ name: 'sample.csv', rows: null, problem: null }]);
});

test('a Python that cannot run the supervisor ends the job as SPAWN_FAILED', async () => {
  const home = temporaryHome();
  const python = join(home, 'python');
  // Answers for the trainers, and fails at everything else.
  writeFileSync(
    python,
    `#!/bin/sh\n[ "$3" = trainers ] && exec ${process.env['TRAINYARD_PYTHON'] ?? 'python3'} "$@"\necho broken >&2\nexit 9\n`,
  );
  chmodSync(python, 0o755);
  const runner = await startRunner(home, { python });
  const { id } = await runner.start(SIMULATED);
  const job = await until('it ended', () => runner.get(id)?.state.status === 'ERROR' && runner.get(id));
  expect(job.state).toMatchObject({
    failure: {
      reason: 'SPAWN_FAILED',
      message: expect.stringContaining('exited with code 9') as string,
      lastLogLines: ['broken'],
    },
  });
});

test.each(['trainyard.supervisor ', 'trainyard train '])(
  'a Python that hangs in %j ends the job as START_TIMEOUT',
  async (part) => {
    const home = temporaryHome();
    const site = join(home, 'site');
    mkdirSync(site);
    // Python runs this before anything else.
    const hang = `import sys, time\nif ${JSON.stringify(part)} in ' '.join(sys.orig_argv):\n    time.sleep(1000)\n`;
    writeFileSync(join(site, 'sitecustomize.py'), hang);
    vi.stubEnv('PYTHONPATH', site);
    onTestFinished(() => void vi.unstubAllEnvs());
    const runner = await startRunner(home, { startTimeoutMs: 1500 });
    const { id } = await runner.start(SIMULATED);
    const job = await until('it ended', () => runner.get(id)?.state.status === 'ERROR' && runner.get(id));
    expect(job.state).toMatchObject({ failure: { reason: 'START_TIMEOUT' } });
  },
);
