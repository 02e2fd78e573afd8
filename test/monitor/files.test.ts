import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readJob, startTraining } from '../support/api-client.ts';
import { startTestServer } from '../support/server-process.ts';
import { until } from '../support/until.ts';
import { describeInBrowser, openPage, screenshot } from './support.ts';

describeInBrowser('the files of a job', (browser) => {
  test('and its log are downloaded from its page, which shows what it ran', async () => {
    await using server = await startTestServer();
    const { id } = await startTraining(server.url, { backend: 'SIMULATION', epochs: 3 });
    await until('the job has ended', async () => (await readJob(server.url, id)).status === 'COMPLETED');
    const outputs = join(server.home, 'artifacts/outputs', id);
    mkdirSync(join(outputs, 'plots'), { recursive: true });
    writeFileSync(join(outputs, 'plots/loss.csv'), 'step,loss\n');
    writeFileSync(join(outputs, `events.out.tfevents.1795726469.${'node'.repeat(20)}.3315.0`), '');
    const record = {
      ...{
        version: 1,
        job_id: id,
        attempt: 1,
        at: 1_760_320_883,
        script: null,
        arguments: ['--lr', '0.1', `--note=${'long '.repeat(200)}`],
      },
      git: { commit: 'c0ffee'.padEnd(40, '0'), branch: 'main', dirty: true },
      python: { version: '3.12.3' },
      packages: { torch: '2.10.0' },
      host: { name: 'lab-3', system: 'Linux 6.8', machine: 'x86_64', cpus: 64 },
    };
    writeFileSync(join(server.home, 'artifacts/provenance', `${id}.json`), JSON.stringify(record));
    const { page, consoleErrors } = await openPage(browser(), `${server.url}/jobs/${id}`);
    await page.getByRole('heading', { name: /^Files 2/ }).waitFor();
    await page.getByText('c0ffee000000 main, with uncommitted changes').waitFor();
    await page.getByText('Packages (1)').click();
    await page.getByText('torch==2.10.0').waitFor();
    for (const [name, content] of [
      ['plots/loss.csv', /^step,loss\n$/],
      ['Download log', /Epoch 3\/3/],
    ] as const) {
      const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name }).click()]);
      expect(readFileSync(await download.path(), 'utf8')).toMatch(content);
    }
    await page.getByText('Arguments').click();
    await page.setViewportSize({ width: 1000, height: 800 });
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
    await screenshot(page, 'job-files');
    expect(consoleErrors).toEqual([]);
  });
});
