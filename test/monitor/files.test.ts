import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readJob, startTraining } from '../support/api-client.ts';
import { startTestServer } from '../support/server-process.ts';
import { until } from '../support/until.ts';
import { describeInBrowser, openPage, screenshot } from './support.ts';

describeInBrowser('the files of a job', (browser) => {
  test('and its log are downloaded from its page', async () => {
    await using server = await startTestServer();
    const { id } = await startTraining(server.url, { backend: 'SIMULATION', epochs: 3 });
    await until('the job has ended', async () => (await readJob(server.url, id)).status === 'COMPLETED');
    const outputs = join(server.home, 'artifacts/outputs', id);
    mkdirSync(join(outputs, 'plots'), { recursive: true });
    writeFileSync(join(outputs, 'plots/loss.csv'), 'step,loss\n');
    const { page, consoleErrors } = await openPage(browser(), `${server.url}/jobs/${id}`);
    await page.getByRole('heading', { name: /^Files 1/ }).waitFor();
    for (const [name, content] of [
      ['plots/loss.csv', /^step,loss\n$/],
      ['Download log', /Epoch 3\/3/],
    ] as const) {
      const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name }).click()]);
      expect(readFileSync(await download.path(), 'utf8')).toMatch(content);
    }
    await screenshot(page, 'job-files');
    expect(consoleErrors).toEqual([]);
  });
});
