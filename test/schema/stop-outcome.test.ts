import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { send, startTraining, readJob } from '../support/api-client.ts';
import { temporaryHome } from '../support/home.ts';
import { startTestServer } from '../support/server-process.ts';
import { until } from '../support/until.ts';

const STOP = 'mutation ($input: StopTrainingInput!) { stopTraining(input: $input) { __typename } }';
const OUTCOME =
  'query ($id: ID!) { job(id: $id) { status finishedAt peakMemoryBytes stop { graceful killedAfterSeconds lastCheckpoint { path savedAt } } } }';

interface Outcome {
  readonly status: string;
  readonly finishedAt: string | null;
  readonly peakMemoryBytes: number | null;
  readonly stop: {
    readonly graceful: boolean;
    readonly killedAfterSeconds: number | null;
    readonly lastCheckpoint: { readonly path: string; readonly savedAt: string } | null;
  } | null;
}

async function outcomeOf(url: string, id: string): Promise<Outcome> {
  const { data } = await send(url, OUTCOME, { id });
  return (data as { job: Outcome }).job;
}

const ended = (url: string, id: string) =>
  until('it has ended', async () => {
    const outcome = await outcomeOf(url, id);
    return outcome.finishedAt !== null && outcome;
  });

const running = (url: string, id: string) =>
  until('it trains', async () => (await readJob(url, id)).status === 'RUNNING');

test('a stop that saves a checkpoint is graceful, and one that has to kill says so, also after a restart', async () => {
  const home = temporaryHome();
  const environment = { TRAINYARD_MAX_RUNNING: '3' };
  let id: string;
  let before: Outcome;
  {
    await using server = await startTestServer({ home, environment });
    const { url } = server;
    const { id: graceful } = await startTraining(url, { backend: 'SIMULATION', epochs: 100_000 });
    await running(url, graceful);
    expect((await outcomeOf(url, graceful)).stop).toBeNull();
    await send(url, STOP, { input: { id: graceful } });
    const saved = await ended(url, graceful);
    expect(saved.stop).toMatchObject({ graceful: true, killedAfterSeconds: null });
    expect(saved.stop?.lastCheckpoint?.path).toBe(`models/${graceful}.txt`);
    expect(saved.peakMemoryBytes).toBeGreaterThan(1_000_000);

    ({ id } = await startTraining(url, { backend: 'SIMULATION', epochs: 100_000 }));
    await running(url, id);
    const status = join(home, 'artifacts/jobs', `${id}.json`);
    // It cannot handle the signal now.
    process.kill((JSON.parse(readFileSync(status, 'utf8')) as { pid: number }).pid, 'SIGSTOP');
    await send(url, STOP, { input: { id, graceSeconds: 0.5 } });
    before = await ended(url, id);
    expect(before).toMatchObject({ status: 'STOPPED', stop: { graceful: false } });
    expect(before.stop?.killedAfterSeconds).toBeGreaterThanOrEqual(0.5);
    expect(before.stop?.killedAfterSeconds).toBeLessThan(30);
    const checkpoint = existsSync(join(home, 'models', `${id}.txt`));
    expect(before.stop?.lastCheckpoint !== null).toBe(checkpoint);
  }
  await using next = await startTestServer({ home, environment });
  expect(await outcomeOf(next.url, id)).toEqual(before);
  await send(next.url, 'mutation ($id: ID!) { resumeTraining(input: { id: $id }) { __typename } }', { id });
  expect((await outcomeOf(next.url, id)).stop).toBeNull();
});

test('a job that is stopped while it waits ends gracefully', async () => {
  await using server = await startTestServer({ environment: { TRAINYARD_MAX_RUNNING: '1' } });
  await startTraining(server.url, { backend: 'SIMULATION', epochs: 100_000 });
  const { id } = await startTraining(server.url, { backend: 'SIMULATION', epochs: 5 });
  await send(server.url, STOP, { input: { id } });
  expect((await outcomeOf(server.url, id)).stop).toEqual({
    ...{ graceful: true, killedAfterSeconds: null, lastCheckpoint: null },
  });
});
