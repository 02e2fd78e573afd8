import { expect, test } from 'vitest';
import { temporaryHome } from '../support/home.ts';
import { collect, startRunner } from '../support/runner.ts';
import { endJobs } from '../support/server-process.ts';
import { createRetryingClient } from './client.ts';
import { createRestartableServer } from './server.ts';

const LONG = { backend: 'SIMULATION', epochs: 4000 } as const;

test('a full queue refuses starts, keeps accepted jobs, and accepts jobs again when a place is free', async () => {
  const runner = await startRunner(temporaryHome(), { maxRunning: 1, maxQueued: 1 });
  const first = await runner.start(LONG);
  const second = await runner.start({ ...LONG, epochs: 10 });
  const refused = await Promise.allSettled(Array.from({ length: 3 }, () => runner.start(LONG)));
  for (const result of refused) expect(result).toMatchObject({ status: 'rejected', reason: { code: 'QUEUE_FULL' } });
  expect(runner.count()).toBe(2);
  await runner.stop(first.id);
  expect((await collect(runner.watch(second.id))).at(-1)?.status).toBe('COMPLETED');
  const third = await runner.start({ ...LONG, epochs: 10 });
  expect((await collect(runner.watch(third.id))).at(-1)?.status).toBe('COMPLETED');
});

test('a second server on the same home refuses to start with the reason, and does not affect the first one', async () => {
  const home = temporaryHome();
  await using first = await createRestartableServer(home, { TRAINYARD_SIMULATION_STEP_SECONDS: '0.005' });
  first.start();
  await first.ready();
  const client = createRetryingClient(first.url, AbortSignal.timeout(60_000));
  const jobId = await client.start('only', { epochs: 4000, batchSize: 30 });
  await using second = await createRestartableServer(home, {});
  second.start();
  await expect(second.ready()).rejects.toThrow('the server ended');
  expect(second.output()).toContain(`Another Trainyard server is using ${home}. Stop it first`);
  expect(await client.stop(jobId, 60)).toBe('YES');
  expect(first.incidents).toEqual([]);
  await first.end('SIGTERM');
  await endJobs(home);
});
