import { expect, test } from 'vitest';
import { startTraining } from '../support/api-client.ts';
import { startTestServer } from '../support/server-process.ts';
import { describeInBrowser, openPage, picture } from './support.ts';

describeInBrowser('GraphiQL', (browser) => {
  test('runs a subscription, message after message', async () => {
    await using server = await startTestServer();
    const { id } = await startTraining(server.url, { backend: 'SIMULATION', epochs: 100_000 });
    const query = `subscription { jobProgress(id: "${id}") { status step } }`;
    const { page } = await openPage(browser(), `${server.url}/graphql?query=${encodeURIComponent(query)}`);
    await page.getByRole('button', { name: /^Execute/ }).click();
    const answer = page.locator('.result-window');
    const step = async () =>
      Number(/"step":\s*(\d+)/.exec((await answer.innerText()).replaceAll('\u00a0', ' '))?.[1] ?? 0);
    await expect.poll(step, { timeout: 30_000 }).toBeGreaterThan(0);
    const first = await step();
    await expect.poll(step, { timeout: 30_000 }).toBeGreaterThan(first);
    await picture(page, 'graphiql');
  });
});
