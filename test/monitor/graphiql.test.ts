import { expect, test } from 'vitest';
import { startTraining } from '../support/api-client.ts';
import { startTestServer } from '../support/server-process.ts';
import { describeInBrowser, openPage, screenshot } from './support.ts';

describeInBrowser('GraphiQL', (browser) => {
  test('shows the messages of a subscription as they arrive', async () => {
    await using server = await startTestServer();
    const { id } = await startTraining(server.url, { backend: 'SIMULATION', epochs: 100_000 });
    const query = `subscription { jobProgress(id: "${id}") { status step } }`;
    const { page } = await openPage(browser(), `${server.url}/graphql?query=${encodeURIComponent(query)}`);
    await page.getByRole('button', { name: /^Execute/ }).click();
    const result = page.locator('.result-window');
    const step = async () =>
      Number(/"step":\s*(\d+)/.exec((await result.innerText()).replaceAll('\u00a0', ' '))?.[1] ?? 0);
    await expect.poll(step, { timeout: 30_000 }).toBeGreaterThan(0);
    const first = await step();
    await expect.poll(step, { timeout: 30_000 }).toBeGreaterThan(first);
    await screenshot(page, 'graphiql');
  });
});
