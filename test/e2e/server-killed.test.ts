import { expect, test } from 'vitest';
import { expectGoingOn, OVER_WEBSOCKET, readFeed, readJob, startTraining, statusesOf } from '../support/api-client.ts';
import { temporaryHome } from '../support/home.ts';
import { startTestServer } from '../support/server-process.ts';
import { until } from '../support/until.ts';

const JOBS = 20;

test('twenty jobs run side by side and complete although the server is killed in the middle and started again', async () => {
  const home = temporaryHome();
  const environment = { TRAINYARD_MAX_RUNNING: String(JOBS), TRAINYARD_SIMULATION_STEP_SECONDS: '0.1' };
  await using first = await startTestServer({ home, environment });
  // 30 rows: 100 steps, ten seconds each, so that all run at the same time.
  const input = { backend: 'SIMULATION', epochs: 50, batchSize: 15 };
  const jobs = await Promise.all(Array.from({ length: JOBS }, () => startTraining(first.url, input)));

  await until('all of them are running at once', async () => {
    const all = await Promise.all(jobs.map(({ id }) => readJob(first.url, id)));
    return all.every(({ status }) => status === 'RUNNING');
  });
  const seen = await Promise.all(
    jobs.map(({ id }) => readFeed(OVER_WEBSOCKET, first.url, id, { enough: ({ step }) => step > 0 })),
  );
  await first.end('SIGKILL');

  await using second = await startTestServer({ home, port: first.port, environment });
  const feeds = await Promise.all(
    jobs.map(({ id }, index) =>
      readFeed(OVER_WEBSOCKET, second.url, id, { after: seen[index]?.at(-1)?.cursor ?? null }),
    ),
  );
  for (const [index, resumed] of feeds.entries()) {
    const before = seen[index] ?? [];
    expect(statusesOf([...before, ...resumed])).toEqual(['RUNNING', 'COMPLETED']);
    expectGoingOn([...before, ...resumed]);
    expect(resumed.at(-1)).toMatchObject({ status: 'COMPLETED', percent: 100, step: 100 });
  }
});
