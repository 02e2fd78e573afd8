import { expect, test } from 'vitest';
import { send, startTraining } from '../support/api-client.ts';
import { startCuttingProxy } from '../support/cutting-proxy.ts';
import { startTestServer } from '../support/server-process.ts';
import { startTrainyard } from './command-support.ts';

/** 20 seconds until the detection, and as much again for four programs that reconnect on a busy machine. */
const WITHIN_MS = 40_000;

test('commands that follow detect within 20 seconds that their connection is dead, and continue to the end', async () => {
  await using server = await startTestServer();
  await using proxy = await startCuttingProxy(server.port);
  const { id } = await startTraining(server.url, { backend: 'SIMULATION', epochs: 1_000_000, name: 'long' });
  const watch = startTrainyard(proxy.url, ['watch', id, '--json']);
  const logs = startTrainyard(proxy.url, ['logs', id, '--follow']);
  const jobs = startTrainyard(proxy.url, ['jobs', '--follow']);
  const start = startTrainyard(proxy.url, ['start', '--backend', 'simulation', '--epochs', '1000000', '--watch']);
  await Promise.all([watch.says(/"RUNNING"/), logs.says(/epoch/i), jobs.says(/RUNNING/), start.says(/epoch/i)]);

  expect(proxy.silence()).toBeGreaterThanOrEqual(4);
  const silenced = performance.now();
  const messages = watch.output().length;
  await Promise.all([
    ...[logs, jobs, start].map((command) => command.says(/Reconnected/)),
    watch.says(new RegExp(`^[^]{${messages + 1}}`)),
  ]);
  expect(performance.now() - silenced).toBeLessThan(WITHIN_MS);

  const second = /job_\w+/.exec(start.output())?.[0] ?? '';
  for (const job of [id, second]) {
    await send(server.url, `mutation { stopTraining(input: { id: "${job}" }) { __typename } }`);
  }
  await jobs.says(new RegExp(`${id} STOPPED`));
  // Every command exits, although the dead socket is still open.
  expect(await Promise.all([watch.ended, start.ended, logs.ended])).toEqual([4, 4, 0]);
  jobs.kill('SIGINT');
  await jobs.ended;
  const steps = watch
    .output()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { step: number; cursor: string });
  expect(steps.map(({ step }) => step)).toEqual(steps.map(({ step }) => step).toSorted((a, b) => a - b));
  expect(new Set(steps.map(({ cursor }) => cursor)).size).toBe(steps.length);
}, 120_000);
