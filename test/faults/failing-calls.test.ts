import fs from 'node:fs';
import { expect, test } from 'vitest';
import { temporaryHome } from '../support/home.ts';
import { check, describe } from './checker.ts';
import { failCalls } from './failing-calls.ts';
import { failuresOf, sample } from './failures.ts';
import { runFailingLife } from './failing-life.ts';
import { chosenSeed, createRandom } from './random.ts';

/** Number of possible failures in the short run; `npm run test:faults` tries all of them. */
const SAMPLE = 8;

test('if any one call of the runner fails once, every job still ends correctly', async () => {
  const { history, calls } = await runFailingLife(temporaryHome());
  expect(describe(check(history), history)).toBe('');
  // The calls that matter most are among those that can fail.
  for (const call of [
    'mkdirSync artifacts/jobs',
    'rename artifacts/staging/<job>.json',
    'sync of artifacts/staging/<job>.json',
    'read of artifacts/exits/<job>.json',
    'readFile /proc/<pid>/stat',
    'open artifacts/logs/<job>.log',
    'sql COMMIT',
  ]) {
    expect(calls).toContain(call);
  }

  const seed = chosenSeed();
  const random = createRandom(seed);
  for (const failure of sample(failuresOf(calls, random), SAMPLE, random)) {
    const life = await runFailingLife(temporaryHome(), failure);
    const name = `${failure.code} at ${failure.call}, number ${failure.occurrence} (TRAINYARD_FAULT_SEED=${seed})`;
    expect(describe(check(life.history), life.history), name).toBe('');
  }
});

test('if the disk is full for a while, every job still ends correctly', async () => {
  const { history, failed } = await runFailingLife(temporaryHome(), {
    call: 'writeFile of artifacts/staging/<job>.json',
    occurrence: 1,
    code: 'ENOSPC',
    repeated: 3,
  });
  expect(describe(check(history), history)).toBe('');
  expect(failed).toHaveLength(4);
});

test('a failing call fails once, and all are restored', async () => {
  const home = temporaryHome();
  const readdir = (folder: string) => fs.promises.readdir(folder);
  {
    using calls = failCalls(home, { call: 'readdir .', occurrence: 2, code: 'EMFILE' });
    expect(await readdir(home)).toEqual([]);
    await expect(readdir(home)).rejects.toMatchObject({ code: 'EMFILE' });
    expect(await readdir(home)).toEqual([]);
    expect(calls.failed).toEqual(['readdir .']);
  }
  expect(await readdir(home)).toEqual([]);
});
