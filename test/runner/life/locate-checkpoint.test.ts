import { mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { homeAt } from '../../../src/runner/home.ts';
import { applyStatus } from '../../../src/runner/job/apply-status.ts';
import { locateCheckpoint } from '../../../src/runner/life/locate-checkpoint.ts';
import { temporaryHome } from '../../support/home.ts';
import { aJob } from '../job/a-job.ts';
import { aReport } from '../job/a-report.ts';

const { id } = aJob();
const path = (name: string) => `artifacts/outputs/${id}/${name}`;

function homeWith(...names: string[]) {
  const home = homeAt(temporaryHome());
  mkdirSync(home.output(id), { recursive: true });
  for (const [index, name] of names.entries()) {
    writeFileSync(join(home.output(id), name), 'weights');
    utimesSync(join(home.output(id), name), 1000 + index, 1000 + index);
  }
  return home;
}

test('the newest file of a script that reads a checkpoint and reports none is the checkpoint', async () => {
  const home = homeWith('1.pt', '2.pt');
  const job = aJob();
  expect(await locateCheckpoint(home, job, true)).toEqual({ checkpoint: path('2.pt'), findsCheckpoint: true });
  expect(await locateCheckpoint(home, job, false)).toEqual({ checkpoint: null, findsCheckpoint: false });
});

test('a reported checkpoint has priority over newer files, as long as it exists', async () => {
  const home = homeWith('reported.pt', 'newer.pt');
  const job = aJob({ checkpoint: path('reported.pt') });
  expect(await locateCheckpoint(home, job, true)).toEqual({
    checkpoint: path('reported.pt'),
    findsCheckpoint: false,
  });
  rmSync(join(home.output(id), 'reported.pt'));
  expect(await locateCheckpoint(home, job, true)).toEqual({ checkpoint: path('newer.pt'), findsCheckpoint: true });
});

test('a checkpoint that was found gives way to a newer one, also if the next attempt has repeated it in its reports', async () => {
  const home = homeWith('1.pt', '2.pt');
  const continued = aJob({ checkpoint: path('1.pt'), findsCheckpoint: true });
  const job = applyStatus(continued, aReport({ checkpoint: path('1.pt') }));
  expect(await locateCheckpoint(home, job, true)).toEqual({ checkpoint: path('2.pt'), findsCheckpoint: true });
  const reporting = applyStatus(continued, aReport({ checkpoint: path('best.pt') }));
  expect(reporting).toMatchObject({ checkpoint: path('best.pt'), findsCheckpoint: false });
});
