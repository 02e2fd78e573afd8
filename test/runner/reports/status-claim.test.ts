import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { homeAt, makeFolders } from '../../../src/runner/home.ts';
import { readClaim } from '../../../src/runner/reports/status-claim.ts';
import { temporaryHome } from '../../support/home.ts';

const ID = 'job_1760320883609_3f7c2d2a';
const START = `{"version": 1, "job_id": "${ID}", "attempt": 2, "sequence": 9, "status": "COMPLETED", "progress": 1e2`;
const COMPLETED = { job_id: ID, attempt: 2, status: 'COMPLETED' };

function homeWith(put: (path: string) => void) {
  const home = homeAt(temporaryHome());
  makeFolders(home);
  put(home.status(ID));
  return home;
}

test.each([
  ['is much too large', `${START}, "metrics": {"a": ${'1'.repeat(2 ** 21)}}}`],
  ['is torn in a list', `${START}, "loss": null, "transitions": [{"sta`],
  ['has what no reader takes further on', `${START}, "total_steps": -1, "message": "a \\" quote"}`],
  ['has spaces and lines between its keys', `${START.replaceAll(',', ' ,\n\t')} , "metrics": {}}`],
])('the claim of a file that %s is read from its start', async (_, content) => {
  expect(
    await readClaim(
      homeWith((path) => writeFileSync(path, content)),
      ID,
    ),
  ).toEqual(COMPLETED);
});

test.each([
  ['names another job', START.replace(ID, 'job_1_00000000') + ', "metrics": {}}'],
  [
    'has its status behind a list',
    `{"job_id": "${ID}", "attempt": 2, "transitions": [], "status": "COMPLETED", "x": 1}`,
  ],
  ['has its status inside an object', `{"job_id": "${ID}", "attempt": 2, "metrics": {"status": "COMPLETED", "x": 1}}`],
  ['has an unknown status', START.replace('COMPLETED', 'FINISHED') + ', "metrics": {}}'],
  ['has an invalid number', START.replace('1e2', '1.2.3') + ', "metrics": {}}'],
  ['begins with its metrics', `{"metrics": {${'"a": 1, '.repeat(2000)}"b": 1}, ${START.slice(1)}}`],
  ['is empty', ''],
  ['is binary', '\0\u00ff\ufffe'],
])('a file that %s claims nothing', async (_, content) => {
  expect(
    await readClaim(
      homeWith((path) => writeFileSync(path, content)),
      ID,
    ),
  ).toBeUndefined();
});

test('anything but a regular file claims nothing, and does not block', async () => {
  expect(
    await readClaim(
      homeWith(() => undefined),
      ID,
    ),
  ).toBeUndefined();
  await expect(
    readClaim(
      homeWith((path) => mkdirSync(path)),
      ID,
    ),
  ).rejects.toThrow('not a regular file');
  await expect(
    readClaim(
      homeWith((path) => symlinkSync('/etc/hostname', path)),
      ID,
    ),
  ).rejects.toThrow('symbolic link');
});
