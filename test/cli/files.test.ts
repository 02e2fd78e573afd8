import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startTraining } from '../support/api-client.ts';
import { temporaryHome } from '../support/home.ts';
import { startTestServer } from '../support/server-process.ts';
import { trainyard } from './command-support.ts';

test('the files of a job are listed and downloaded', async () => {
  await using server = await startTestServer({ environment: { TRAINYARD_MAX_RUNNING: '1' } });
  const { url, home } = server;
  const { id } = await startTraining(url, { backend: 'SIMULATION', epochs: 1 });
  expect((await trainyard(url, ['files', id])).stdout).toBe(`Job ${id} has written no files to its output folder.\n`);
  const outputs = join(home, 'artifacts/outputs', id);
  mkdirSync(join(outputs, 'checkpoint-1'), { recursive: true });
  const large = Buffer.alloc(3_000_000, 'weights');
  writeFileSync(join(outputs, 'checkpoint-1/model.bin'), large);
  for (let number = 0; number < 250; number += 1) writeFileSync(join(outputs, `sample-${number}.txt`), String(number));

  const { stdout } = await trainyard(url, ['files', id]);
  expect(stdout.split('\n')).toHaveLength(252);
  expect(stdout).toMatch(/^3\.0 MB {2}\S+Z {2}checkpoint-1\/model\.bin$/m);
  expect(JSON.parse((await trainyard(url, ['files', id, '--json'])).stdout)).toHaveLength(251);

  const folder = temporaryHome();
  expect(await trainyard(url, ['files', id, 'checkpoint-1/model.bin', 'sample-7.txt', '-o', folder])).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('model.bin (3.0 MB)') as string,
  });
  expect(readFileSync(join(folder, 'checkpoint-1/model.bin')).equals(large)).toBe(true);
  expect(readFileSync(join(folder, 'sample-7.txt'), 'utf8')).toBe('7');
  expect(readdirSync(folder).sort()).toEqual(['checkpoint-1', 'sample-7.txt']);

  const all = join(folder, 'all');
  await trainyard(url, ['files', id, '--all', '-o', all]);
  expect(readdirSync(all)).toHaveLength(251);
  const missing = await trainyard(url, ['files', id, 'nothing.txt', '-o', folder]);
  expect(missing.code).not.toBe(0);
  expect(missing.stderr).toContain(`Job ${id} has no file nothing.txt.`);
  expect(existsSync(join(folder, 'nothing.txt'))).toBe(false);
});
