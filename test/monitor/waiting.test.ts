import { expect, test } from 'vitest';
import { send, startTraining } from '../support/api-client.ts';
import { startTestServer } from '../support/server-process.ts';
import { describeInBrowser, openPage } from './support.ts';

describeInBrowser('a job that waits for another one', (browser) => {
  test('shows its group and the reason why it waits, or why it can never start', async () => {
    await using server = await startTestServer();
    const { url } = server;
    const { id: first } = await startTraining(url, { backend: 'SIMULATION', epochs: 100_000 });
    const input = { backend: 'SIMULATION', group: 'night', dependsOn: [{ id: first }] };
    const { id } = await startTraining(url, input);
    const { page, consoleErrors } = await openPage(browser(), `${url}/jobs/${id}`);
    await page.getByText('night', { exact: true }).waitFor();
    await page.getByText(`Waits for ${first} to complete.`).waitFor();
    await send(url, 'mutation ($id: ID!) { stopTraining(input: { id: $id, graceSeconds: 1 }) { __typename } }', {
      id: first,
    });
    await page.getByText(`Job ${first} had to complete first, and it ended as STOPPED.`).waitFor();
    expect(consoleErrors).toEqual([]);
  });
});
