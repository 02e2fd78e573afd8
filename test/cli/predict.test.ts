import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { OVER_WEBSOCKET, readFeed, send, startTraining } from '../support/api-client.ts';
import { temporaryHome } from '../support/home.ts';
import { startTestServer } from '../support/server-process.ts';
import { HAS_TORCH } from '../support/torch.ts';
import { trainyard } from './command-support.ts';

test.skipIf(!HAS_TORCH)(
  'a table is predicted at once, or in a job if it is large or not plain',
  { timeout: 300_000 },
  async () => {
    await using server = await startTestServer();
    const { url } = server;
    const { id } = await startTraining(url, { epochs: 50 });
    expect((await readFeed(OVER_WEBSOCKET, url, id)).at(-1)?.status).toBe('COMPLETED');
    const folder = temporaryHome();
    const file = (name: string, content: string | Buffer) => {
      writeFileSync(join(folder, name), content);
      return join(folder, name);
    };

    const rows = Array.from({ length: 2500 }, (_, row) => `"n, ${row}",${row / 1000}`);
    const small = file('small.csv', `note,x\n${rows.join('\n')}\n`);
    const direct = await trainyard(url, ['predict', '@last', small]);
    expect(direct).toMatchObject({ code: 0, stderr: '' });
    const lines = direct.stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(2501);
    expect(lines[0]).toBe('note,x,prediction');
    expect(lines[2500]).toMatch(/^"n, 2499",2.499,\d/);

    const output = join(folder, 'out.csv');
    const packed = file('small.csv.gz', gzipSync(readFileSync(small)));
    const inJob = await trainyard(url, ['predict', id, packed, '--output', output, '--json']);
    expect(inJob.code).toBe(0);
    expect(JSON.parse(inJob.stdout)).toMatchObject({ modelOf: id, jobId: expect.stringMatching(/^job_/) as string });
    // The same numbers in both ways.
    const numbers = (text: string) =>
      text
        .trimEnd()
        .split('\n')
        .slice(1)
        .map((line) => Number(line.split(',').at(-1)));
    const written = numbers(readFileSync(output, 'utf8'));
    numbers(direct.stdout).forEach((number, index) => expect(number).toBeCloseTo(written[index] ?? NaN, 4));
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
    // The upload is gone, and the newest job is a prediction now.
    const { data } = await send<{ datasets: { name: string }[] }>(url, '{ datasets { name } }');
    expect(data?.datasets.map(({ name }) => name)).toEqual(['sample.csv']);
    const again = await trainyard(url, ['predict', '@last', file('odd.csv', 'x\n1\nmany\n')]);
    expect(again).toMatchObject({ code: 0, stderr: expect.stringContaining("'many' in row 2") as string });

    const missing = await trainyard(url, ['predict', '@last', file('other.csv', 'z\n1\n')]);
    expect(missing).toMatchObject({ code: 2, stdout: '' });
    expect(missing.stderr).toContain("missing column 'x'");
    const missingInJob = await trainyard(url, ['predict', '@last', file('other.jsonl', '{"z": 1}\n')]);
    expect(missingInJob).toMatchObject({ code: 3, stdout: '' });
    expect(missingInJob.stderr).toContain("missing column 'x'");
  },
);

test('the command explains what it needs', async () => {
  const file = join(temporaryHome(), 'nothing.csv');
  expect(await trainyard(null, ['predict', '@last', file])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('does not exist') as string,
  });
  expect((await trainyard(null, ['predict', '@last', file, '--json'])).stderr).toContain('--output');
  expect((await trainyard(null, ['predict', '--help'])).stdout).toContain('trainyard predict @last new.csv');
});

test('export says why there is no model, and leaves no file', async () => {
  await using server = await startTestServer();
  const folder = temporaryHome();
  const { id } = await startTraining(server.url, { backend: 'SIMULATION', epochs: 1 });
  await readFeed(OVER_WEBSOCKET, server.url, id);
  const output = join(folder, 'model.onnx');
  expect(await trainyard(server.url, ['export', id, '-o', output])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('is a simulation: no model was trained') as string,
  });
  expect(readdirSync(folder)).toEqual([]);
  expect((await trainyard(null, ['export', '--help'])).stdout).toContain('trainyard export @last');
});
