import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { pytestArguments } from '../../scripts/pytest-arguments.ts';
import { temporaryHome } from '../support/home.ts';
import { PYTHON } from '../support/runner.ts';

const SUITE = 'test/python';

test.each([
  ['a core', 1, [SUITE]],
  ['two cores', 2, [SUITE, '--numprocesses=2', '--dist=worksteal']],
  ['many cores', 64, [SUITE, '--numprocesses=8', '--dist=worksteal']],
])('with %s, the whole suite runs in a process for each core, up to eight', (_what, cores, expected) => {
  expect(pytestArguments({ xdist: true }, [], cores)).toEqual(expected);
});

test('the suite runs in one process without pytest-xdist, and some of the tests always do', () => {
  expect(pytestArguments({ xdist: false }, [], 2)).toEqual([SUITE]);
  expect(pytestArguments({ xdist: true }, ['test_a.py', '-x'], 2)).toEqual(['test_a.py', '-x']);
});

/** npm test installs it; another Python may lack it. */
const hasXdist = spawnSync(PYTHON, ['-c', 'import xdist']).status === 0;

describe.skipIf(!hasXdist)('pytest with these arguments', () => {
  test.each([
    ['passes when all tests pass', 'pass', 0],
    ['fails when the process of a test dies', 'import os; os._exit(0)', 1],
  ])('%s', (_what, last, code) => {
    const folder = temporaryHome();
    for (let file = 0; file < 4; file += 1) {
      writeFileSync(join(folder, `test_${file}.py`), `def test_it():\n    ${file === 3 ? last : 'pass'}\n`);
    }
    const [, ...options] = pytestArguments({ xdist: true }, [], 2);
    const run = spawnSync(PYTHON, ['-m', 'pytest', '-p', 'no:cacheprovider', ...options, folder], {
      encoding: 'utf8',
    });
    expect(run.status, run.stdout + run.stderr).toBe(code);
    expect(run.stdout).toContain(code === 0 ? '4 passed' : '1 failed, 3 passed');
  });
});
