import { expect, test } from 'vitest';
import { readJob, send, startTraining } from '../support/api-client.ts';
import { startTestServer } from '../support/server-process.ts';
import { until } from '../support/until.ts';
import { describeInBrowser, openPage } from './support.ts';

describeInBrowser('a stop that had to kill', (browser) => {
  test('is visible on the page of the job as soon as it has ended', async () => {
    await using server = await startTestServer();
    const { url } = server;
    const { id } = await startTraining(url, { backend: 'SIMULATION', epochs: 100_000 });
    await until('it trains', async () => (await readJob(url, id)).status === 'RUNNING');
    const { page, consoleErrors } = await openPage(browser(), `${url}/jobs/${id}`);
    await page.getByRole('heading', { name: 'History' }).waitFor();
    process.kill((await readJob(url, id)).pid ?? NaN, 'SIGSTOP');
    const stop = 'mutation ($id: ID!) { stopTraining(input: { id: $id, graceSeconds: 0.5 }) { __typename } }';
    await send(url, stop, { id });
    await page.getByText(/did not end within \d+ s of the stop request and was killed/).waitFor();
    await page.getByText('Peak memory').waitFor();
    expect(consoleErrors).toEqual([]);
  });
});
