import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { OVER_SSE, OVER_WEBSOCKET, readFeed, readJob, send, startTraining, statusesOf } from '../support/api-client.ts';
import { startTestServer, type TestServer } from '../support/server-process.ts';
import { HAS_TORCH } from '../support/torch.ts';

const STOP = `mutation ($input: StopTrainingInput!) {
  stopTraining(input: $input) { __typename ... on StopTrainingSuccess { job { id status } } ... on Error { message } }
}`;

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());

describe.skipIf(!HAS_TORCH)('a training with PyTorch', () => {
  test('learns the sample dataset and saves a model, with default settings', async () => {
    const { url, home } = server;
    const { id } = await startTraining(url, {});

    const messages = await readFeed(OVER_SSE, url, id);
    expect(messages.at(-1)?.status).toBe('COMPLETED');
    const job = await readJob(url, id);
    expect(job.simulation).toBe(false);
    expect(job.progress.metrics['val_r2']).toBeGreaterThan(0.95);
    expect(job.checkpoint?.path).toBe(`models/${id}.pt`);
    expect(existsSync(join(home, 'models', `${id}.pt`))).toBe(true);
    expect(existsSync(join(home, job.checkpoint?.safetensorsPath ?? 'missing'))).toBe(true);
  });

  test('accepts a table of numbers, categories, dates and gaps by its file name alone', async () => {
    const { url, home } = server;
    mkdirSync(join(home, 'datasets'), { recursive: true });
    writeFileSync(join(home, 'datasets', 'houses.csv'), mixedTable(600));
    const { id } = await startTraining(url, { dataset: 'houses.csv' });

    expect((await readFeed(OVER_WEBSOCKET, url, id)).at(-1)?.status).toBe('COMPLETED');
    const job = await readJob(url, id);
    expect(job.simulation).toBe(false);
    // Nine tenths of the variance of the price are in the columns; a linear model finds most of it.
    expect(job.progress.metrics['val_r2']).toBeGreaterThan(0.7);
  });

  test('is stopped with a checkpoint, reports STOPPING and STOPPED, and can be stopped again', async () => {
    const { url, home } = server;
    const { id, cursor } = await startTraining(url, { epochs: 1_000_000, options: { patience: 0 } });
    await readFeed(OVER_WEBSOCKET, url, id, { enough: ({ step }) => step > 10 });

    const feed = readFeed(OVER_WEBSOCKET, url, id, { after: cursor });
    const { data } = await send<{ stopTraining: { __typename: string } }>(url, STOP, { input: { id } });
    expect(data?.stopTraining.__typename).toBe('StopTrainingSuccess');
    expect(statusesOf(await feed).slice(-3)).toEqual(['RUNNING', 'STOPPING', 'STOPPED']);
    const { checkpoint } = await readJob(url, id);
    expect(checkpoint?.bytes).toBeGreaterThan(0);
    expect(existsSync(join(home, checkpoint?.path ?? 'missing'))).toBe(true);

    const again = await send<{ stopTraining: { __typename: string } }>(url, STOP, { input: { id } });
    expect(again.data?.stopTraining.__typename).toBe('StopTrainingSuccess');
    expect((await readJob(url, id)).status).toBe('STOPPED');
  });
});

/** House prices: a linear truth in area, district, garden and year, with noise, and a gap in every tenth cell. */
function mixedTable(rows: number): string {
  // A small generator (mulberry32) with a fixed seed, so that the same table is made each time.
  let state = 7;
  const random = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const districts = ['Old town', 'Harbour', 'Hills', 'New town'];
  const gap = (cell: string) => (random() < 0.1 ? '' : cell);
  const lines = Array.from({ length: rows }, (_, row) => {
    const area = 40 + random() * 160;
    const district = Math.floor(random() * districts.length);
    const garden = random() < 0.4;
    const year = 1900 + Math.floor(random() * 120);
    const sold = new Date(Date.UTC(2020, 0, 1 + (row % 700))).toISOString().slice(0, 10);
    const price = 3 * area + 60 * district + (garden ? 40 : 0) + 0.5 * (year - 1900) + 30 * random();
    const cells = [area.toFixed(1), districts[district] ?? '', garden ? 'yes' : 'no', String(year), sold].map(gap);
    return [...cells, price.toFixed(2)].join(',');
  });
  return ['area,district,garden,year,sold,price', ...lines, ''].join('\n');
}
