import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { homeAt, makeFolders } from '../../../src/runner/home.ts';
import type { TrainingRequest } from '../../../src/runner/index.ts';
import { specFileOf } from '../../../src/runner/reports/written-files.ts';
import { temporaryHome } from '../../support/home.ts';
import { trainerOf } from '../../support/local-processes.ts';
import { ended, PYTHON, reach, startRunner } from '../../support/runner.ts';
import { until } from '../../support/until.ts';
import { aJob } from '../job/a-job.ts';

interface StatusFile {
  readonly status: string;
  readonly step: number;
  readonly process: { readonly pid: number; readonly start_time: string; readonly boot_id: string };
  readonly supervisor: { readonly pid: number; readonly start_time: string; readonly boot_id: string };
}

/** Fills a home with the record of the previous version, and starts the process of its running job as that version did. */
async function oldHome(): Promise<{ root: string; idOf: (name: string) => string; trainerPid: number }> {
  const root = temporaryHome();
  const home = homeAt(root);
  makeFolders(home);
  const fixture = fileURLToPath(new URL('fixtures/home-version-3.sql', import.meta.url));
  using database = new DatabaseSync(home.database);
  database.exec(readFileSync(fixture, 'utf8'));
  const rows = database.prepare('SELECT id, request, created_at FROM jobs').all() as Record<string, string>[];
  const requests = rows.map((row) => ({
    id: String(row['id']),
    createdAt: Number(row['created_at']),
    request: JSON.parse(String(row['request'])) as TrainingRequest,
  }));
  const idOf = (name: string) => requests.find(({ request }) => request.name === name)?.id ?? expect.fail(name);
  const id = idOf('running');
  const running = requests.find((one) => one.id === id) ?? expect.fail();
  writeFileSync(home.spec(id), JSON.stringify(specFileOf({ ...aJob(), ...running })));
  const cwd = fileURLToPath(new URL('../../../python', import.meta.url));
  copyFileSync(join(cwd, 'trainyard/data/sample.csv'), join(home.datasets, 'sample.csv'));
  const env = { ...process.env, TRAINYARD_SIMULATION_STEP_SECONDS: '0.005' };
  spawn(PYTHON, ['-m', 'trainyard.supervisor', root, id, '1'], { cwd, env, detached: true, stdio: 'ignore' }).unref();
  const status = await until('the job is running', () => {
    if (!existsSync(home.status(id))) return false;
    const file = JSON.parse(readFileSync(home.status(id), 'utf8')) as StatusFile;
    return file.status === 'RUNNING' && file.step > 0 && file;
  });
  const identity = ({ pid, start_time, boot_id }: StatusFile['process']) =>
    JSON.stringify({ pid, startTime: start_time, bootId: boot_id });
  database
    .prepare('UPDATE jobs SET process = ?, supervisor = ? WHERE id = ?')
    .run(identity(status.process), identity(status.supervisor), id);
  return { root, idOf, trainerPid: status.process.pid };
}

test('a home of the previous version opens with all its jobs, and its running job is adopted', async () => {
  const { root, idOf, trainerPid } = await oldHome();
  const runner = await startRunner(root);
  expect(runner.count()).toBe(5);
  expect(runner.get(idOf('completed'))).toMatchObject({
    state: { status: 'COMPLETED' },
    request: { tags: ['old', 'kept'] },
    progress: { percent: 100 },
  });
  expect(runner.get(idOf('failed'))).toMatchObject({ state: { status: 'ERROR', failure: { reason: 'SIGNAL' } } });
  expect(runner.list({ filter: { tags: ['old'] }, limit: 9 }).map(({ id }) => id)).toEqual([idOf('completed')]);

  const adopted = await reach(runner, idOf('running'), ({ progress }) => progress.step > 0);
  expect(adopted.state.status).toBe('RUNNING');
  expect(trainerOf(adopted)?.pid).toBe(trainerPid);
  expect(runner.attempt(adopted)).toMatchObject({ pid: trainerPid, gpuDevices: [] });
  await runner.stop(adopted.id);
  expect((await reach(runner, adopted.id, ended)).state.status).toBe('STOPPED');

  // Its processes did not survive.
  expect((await reach(runner, idOf('stopping'), ended)).state.status).toBe('STOPPED');
  expect((await reach(runner, idOf('queued'), ended)).state.status).toBe('COMPLETED');
  // The key of the old record still belongs to its job.
  await expect(runner.start({ backend: 'SIMULATION', epochs: 6, idempotencyKey: 'once' })).rejects.toMatchObject({
    code: 'IDEMPOTENCY_CONFLICT',
    jobId: idOf('completed'),
  });
  expect(existsSync(join(root, 'models', `${adopted.id}.txt`))).toBe(true);
});
