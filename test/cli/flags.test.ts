import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSchema, type GraphQLInputObjectType } from 'graphql';
import { expect, test } from 'vitest';
import { startInput } from '../../src/cli/commands/start.ts';
import { EXTRA_PACKAGES } from '../../src/cli/environment/install-package.ts';
import { REPOSITORY_ROOT } from '../../src/cli/environment/paths.ts';
import { SETTING_FLAGS } from '../../src/cli/flags/server-settings.ts';
import { readDuration, readTime } from '../../src/cli/flags/values.ts';
import { sparkline } from '../../src/cli/terminal/sparkline.ts';
import { UsageError } from '../../src/cli/usage-error.ts';
import { readSettings } from '../../src/settings/settings.ts';

test('there is a flag for every field of StartTrainingInput and of its retry', () => {
  const schema = buildSchema(readFileSync(join(REPOSITORY_ROOT, 'schema.graphql'), 'utf8'));
  const fieldsOf = (name: string) => Object.keys((schema.getType(name) as GraphQLInputObjectType).getFields()).sort();
  const input = startInput({
    name: 'n',
    tag: ['t'],
    trainer: 'tabular',
    backend: 'SIMULATION',
    dataset: 'd.csv',
    epochs: 1,
    batchSize: 1,
    learningRate: 0.1,
    seed: 0,
    option: ['hidden=[1]'],
    argument: ['--amp'],
    processes: 1,
    priority: 0,
    group: 'g',
    notBefore: '2026-01-31T00:00:00.000Z',
    gpus: 0,
    cpus: 1,
    memory: 1,
    gpuType: 'a100',
    partition: 'p',
    account: 'a',
    qos: 'q',
    constraint: 'c',
    wallTime: 1,
    retries: 2,
    retryOn: ['signal', 'out-of-memory'],
    retryBackoff: 5,
    timeLimit: 1,
    stallLimit: 1,
    idempotencyKey: 'k',
  });
  // `--after` looks the jobs up first.
  expect([...Object.keys(input), 'dependsOn'].sort()).toEqual(fieldsOf('StartTrainingInput'));
  // The others are --gpus and --processes; jobs run on one node.
  const elsewhere = ['gpus', 'nodes', 'processesPerNode'];
  expect([...Object.keys(input.resources ?? {}), ...elsewhere].sort()).toEqual(fieldsOf('ResourcesInput'));
  expect(Object.keys(input.retry ?? {}).sort()).toEqual(fieldsOf('RetryInput'));
  expect(input.retry).toEqual({ limit: 2, on: ['SIGNAL', 'OUT_OF_MEMORY'], backoffSeconds: 5 });
});

test('missing flags are not sent, so that the server uses its defaults', () => {
  expect(startInput({})).toEqual({});
});

test('--target is the target of the options, also for a column whose name is a number', () => {
  expect(startInput({ target: '2024', option: ['patience=0'] }).options).toEqual({ patience: 0, target: '2024' });
});

test('durations and times are parsed in all documented forms', () => {
  expect(['90', '90s', '1.5h', '2d', '3m'].map((text) => readDuration('--x', text))).toEqual([
    90, 90, 5400, 172_800, 180,
  ]);
  expect(readTime('--x', '2026-01-31')).toBe('2026-01-31T00:00:00.000Z');
  const before = Date.now();
  const hourAgo = Date.parse(readTime('--x', '1h'));
  expect(hourAgo).toBeGreaterThanOrEqual(before - 3_600_000);
  expect(hourAgo).toBeLessThanOrEqual(Date.now() - 3_600_000);
  for (const text of ['', 'h', '-5', '5 weeks']) expect(() => readDuration('--x', text), text).toThrow(UsageError);
  for (const text of ['yesterday', '31.1.2026', '5']) expect(() => readTime('--x', text), text).toThrow(UsageError);
});

test('a sparkline scales from the lowest to the highest value, within its width', () => {
  expect(sparkline([1, 2, 3, 4, 5, 6, 7, 8], 8)).toBe('▁▂▃▄▅▆▇█');
  expect(sparkline([8, 8, 1, 1], 2)).toBe('█▁');
  expect(sparkline([5, NaN, 5], 10)).toBe('▁▁');
  expect(sparkline([], 10)).toBe('');
});

test('an installed package installs the same Python packages as the extras of pyproject.toml', () => {
  const project = readFileSync(join(REPOSITORY_ROOT, 'python', 'pyproject.toml'), 'utf8');
  for (const [extra, names] of Object.entries(EXTRA_PACKAGES)) {
    const [, list = ''] = new RegExp(`^${extra} = \\[([^\\]]*)\\]$`, 'm').exec(project) ?? [];
    expect([...list.matchAll(/"([\w-]+)/g)].map(([, name]) => name)).toEqual(names);
  }
});

test('serve has a flag for every setting', () => {
  let known: string[] = [];
  try {
    readSettings({ TRAINYARD_ZZZZZZZZ: '1' });
  } catch (error) {
    known = (error as Error).message.match(/TRAINYARD_[A-Z_]+/g)?.slice(1) ?? [];
  }
  expect(SETTING_FLAGS.map(([, variable]) => variable as string).sort()).toEqual(known.sort());
});
