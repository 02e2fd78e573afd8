import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { trainyard } from '../cli/command-support.ts';
import { send, startTraining } from '../support/api-client.ts';
import { startTestServer } from '../support/server-process.ts';
import { HAS_TORCH } from '../support/torch.ts';
import { until } from '../support/until.ts';

/** Noise: no model improves on it for long, so early stopping ends the training. Whole numbers that all differ would be row numbers. */
const NOISE = `x,y\n${Array.from({ length: 200 }, (_, row) => `${(row * 7919) % 199},${((row * 104_729) % 211) / 10}\n`).join('')}`;

const JOB = `query ($id: ID!) { job(id: $id) {
  status earlierSeconds attempt progress { epoch epochs step percent } } }`;

interface Shown {
  readonly status: string;
  readonly earlierSeconds: number;
  readonly attempt: number;
  readonly progress: { readonly epoch: number; readonly step: number; readonly percent: number };
}

test.runIf(HAS_TORCH)('a job that ended early trains longer when a user resumes it, from where it was', async () => {
  await using server = await startTestServer();
  const { url } = server;
  writeFileSync(join(server.home, 'datasets', 'noise.csv'), NOISE);
  const read = async (id: string) => (await send<{ job: Shown }>(url, JOB, { id })).data?.job as Shown;
  const { id } = await startTraining(url, { dataset: 'noise.csv', epochs: 300, options: { patience: 3 } });
  await until('it has ended early', async () => (await read(id)).status === 'COMPLETED', 240);
  const first = await read(id);
  expect(first.progress.epoch).toBeLessThan(300);

  const { code, stdout } = await trainyard(url, ['resume', id, '--epochs', '800', '--watch', '--json']);
  expect(code).toBe(0);
  const messages = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { status: string; step: number; percent: number });
  // Neither while it waits and loads nor later does it show less than before.
  expect(messages[0]).toMatchObject({ status: 'QUEUED', step: first.progress.step });
  expect(messages.map(({ step }) => step)).toEqual(messages.map(({ step }) => step).toSorted((a, b) => a - b));
  const second = await read(id);
  expect(second.status).toBe('COMPLETED');
  expect(second.progress.epoch).toBeGreaterThanOrEqual(first.progress.epoch + 3);
  expect(second.earlierSeconds).toBeGreaterThan(0);
  expect((await trainyard(url, ['logs', id])).stdout).toContain('its patience starts again after epoch');
});
