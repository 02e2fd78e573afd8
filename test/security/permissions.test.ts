import { chmodSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryHome } from '../support/home.ts';
import { collect, recordedLog, startRunner } from '../support/runner.ts';
import { startTestServer } from '../support/server-process.ts';
import { until } from '../support/until.ts';

const modeOf = (path: string) => statSync(path).mode & 0o777;

/** Every folder and file below `folder`, with its mode. A server may remove a file between the two calls. */
function modesBelow(folder: string): [path: string, mode: number][] {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) => {
    const path = join(entry.parentPath, entry.name);
    const stats = statSync(path, { throwIfNoEntry: false });
    return stats ? [[path, stats.mode & 0o777]] : [];
  });
}

test('permissions-home: only its user can enter or read the files of a server and its trainings', async () => {
  const home = join(temporaryHome(), 'new');
  await using server = await startTestServer({ environment: { TRAINYARD_HOME: home } });
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      query: `mutation { startTraining(input: {backend: SIMULATION, epochs: 3}) { ... on StartTrainingSuccess { job { id } } } }`,
    }),
  });
  const { data } = (await response.json()) as { data: { startTraining: { job: { id: string } } } };
  const upload = await fetch(`${server.url}/datasets/mine.csv`, { method: 'PUT', body: 'a,b\n1,2\n' });
  expect(upload.status).toBe(201);
  const model = join(home, 'models', `${data.startTraining.job.id}.txt`);
  const exit = join(home, 'artifacts', 'exits', `${data.startTraining.job.id}.json`);
  await until(
    'the job has ended',
    () => statSync(exit, { throwIfNoEntry: false }) && statSync(model, { throwIfNoEntry: false }),
  );
  const entries = modesBelow(home);
  expect(entries.length).toBeGreaterThan(12);
  expect(entries.filter(([, mode]) => (mode & 0o077) !== 0)).toEqual([]);
  expect(modeOf(home)).toBe(0o700);
});

test('permissions-old-home: a home that others can enter is closed once, and may be opened in part afterwards', async () => {
  const home = temporaryHome();
  for (const folder of ['artifacts', 'models', 'datasets']) {
    mkdirSync(join(home, folder));
    chmodSync(join(home, folder), 0o755);
  }
  chmodSync(home, 0o755);
  const logger = recordedLog();
  const first = await startRunner(home, { logger });
  for (const folder of ['artifacts', 'models', 'datasets']) expect(modeOf(join(home, folder))).toBe(0o700);
  // It may be a project of several people.
  expect(modeOf(home)).toBe(0o755);
  expect(logger.lines.filter(({ message }) => message.includes('could enter this folder'))).toHaveLength(3);
  await first[Symbol.asyncDispose]();

  chmodSync(join(home, 'datasets'), 0o750);
  await startRunner(home);
  expect(modeOf(join(home, 'datasets'))).toBe(0o750);
});

test('permissions-tokens: a tokens file that others can read is warned of at the start, a private one is not', async () => {
  const file = join(temporaryHome(), 'tokens');
  writeFileSync(file, `ada ${createHash('sha256').update('x').digest('hex')}\n`);
  const environment = { TRAINYARD_TOKENS_FILE: file };
  const warning = 'other users of this machine can read or change the file that TRAINYARD_TOKENS_FILE names';
  chmodSync(file, 0o644);
  {
    await using server = await startTestServer({ environment });
    expect(server.output()).toContain(warning);
  }
  chmodSync(file, 0o600);
  await using server = await startTestServer({ environment });
  expect(server.output()).not.toContain(warning);
});

test.each([
  '/etc/passwd',
  '../secret.txt',
  'models/../datasets/sample.csv',
  'models/job_1_other.pt',
  'datasets/sample.csv',
])('checkpoint-elsewhere: a status file that names %s as its checkpoint has none', async (checkpoint) => {
  const home = temporaryHome();
  const runner = await startRunner(home);
  writeFileSync(join(home, 'secret.txt'), 'secret');
  writeFileSync(join(home, 'models', 'job_1_other.pt'), 'of another job');
  const { id } = await runner.start({ backend: 'SIMULATION', epochs: 3 });
  await collect(runner.watch(id));
  const job = runner.get(id) ?? expect.fail();
  expect(await runner.checkpoint(job)).toMatchObject({ path: `models/${id}.txt` });
  const lying = { ...job, checkpoint };
  expect(await runner.checkpoint(lying)).toBeNull();
});
