import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { OVER_WEBSOCKET, readFeed, send, startTraining } from '../support/api-client.ts';
import { startTestServer } from '../support/server-process.ts';
import { HAS_TORCH } from '../support/torch.ts';
import { trainyard } from './command-support.ts';

const QUERY = 'query ($id: ID!) { job(id: $id) { batchSize options settings } }';

test('a job whose trainer reports no settings shows those that were given', async () => {
  await using server = await startTestServer();
  const { id } = await startTraining(server.url, { backend: 'SIMULATION', epochs: 2, options: { dropout: 0.5 } });
  await readFeed(OVER_WEBSOCKET, server.url, id);
  const { data } = await send(server.url, QUERY, { id });
  expect(data).toEqual({ job: { batchSize: null, options: { dropout: 0.5 }, settings: null } });
  const { code, stdout } = await trainyard(server.url, ['settings', '@last']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^epochs +2/m);
  expect(stdout).toMatch(/^dropout +0.5 +given/m);
  expect(stdout).toContain('The trainer has not reported its defaults and choices.');
});

test.skipIf(!HAS_TORCH)('defaults and choices of a trainer are settings of its job', { timeout: 300_000 }, async () => {
  await using server = await startTestServer();
  const { id } = await startTraining(server.url, { backend: 'TORCH', epochs: 2, options: { dropout: 0.5 } });
  expect((await readFeed(OVER_WEBSOCKET, server.url, id)).at(-1)?.status).toBe('COMPLETED');
  const { data } = await send<{ job: { settings: { batchSize: number; options: object } } }>(server.url, QUERY, { id });
  expect(data?.job.settings).toMatchObject({
    epochs: 2,
    batchSize: expect.any(Number) as number,
    seed: 0,
    options: { dropout: 0.5, target: 'y', task: 'regression', patience: expect.any(Number) as number },
  });
  const { stdout } = await trainyard(server.url, ['settings', id]);
  expect(stdout).toMatch(new RegExp(`^batchSize +${data?.job.settings.batchSize} +chosen`, 'm'));
  expect(stdout).toMatch(/^target +y +default or chosen/m);
  const printed = JSON.parse((await trainyard(server.url, ['settings', id, '--json'])).stdout) as object;
  expect(printed).toMatchObject({
    id,
    given: { batchSize: null, options: { dropout: 0.5 } },
    used: data?.job.settings,
  });

  // A record that does not fit is ignored as a whole.
  const file = join(server.home, 'artifacts/provenance', `${id}.json`);
  writeFileSync(file, readFileSync(file, 'utf8').replace('"options":', '"options": 5, "others":'));
  expect((await send(server.url, QUERY, { id })).data).toMatchObject({ job: { settings: null } });
});
