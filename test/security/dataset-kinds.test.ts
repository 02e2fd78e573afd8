import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import type { Runner } from '../../src/runner/index.ts';
import { temporaryHome } from '../support/home.ts';
import { startRunner } from '../support/runner.ts';

let home: string;
let runner: Runner;

beforeEach(async () => {
  home = temporaryHome();
  runner = await startRunner(home, { maxRunning: 0 });
});

test.each([
  ['dataset-fifo', 'pipe.csv', (path: string) => execFileSync('mkfifo', [path])],
  [
    'dataset-device',
    'zero.csv',
    (path: string) => {
      symlinkSync('/dev/zero', path);
    },
  ],
  ['dataset-folder', 'folder.csv', (path: string) => mkdirSync(path)],
  [
    'dataset-hidden',
    '.hidden.csv',
    (path: string) => {
      writeFileSync(path, 'a,b\n1,2\n');
    },
  ],
  [
    'dataset-hidden-folder',
    '.incoming/x.csv',
    (path: string) => {
      mkdirSync(join(path, '..'), { recursive: true });
      writeFileSync(path, 'a,b\n1,2\n');
    },
  ],
])('%s: a training on %s is refused at its start', async (_id, name, make) => {
  make(join(home, 'datasets', name));
  await expect(runner.start({ backend: 'SIMULATION', dataset: name })).rejects.toMatchObject({
    code: 'DATASET_NOT_FOUND',
  });
  expect(runner.count()).toBe(0);
});
