import { expect, test } from 'vitest';
import { startTraining } from '../support/api-client.ts';
import { addCompleteScript, COMPLETE_START, templateOf } from '../support/complete-start.ts';
import { startTestServer } from '../support/server-process.ts';
import { describeInBrowser, openPage } from './support.ts';

describeInBrowser('a duplicated job', (browser) => {
  test('is the same in every field, and a changed field changes only itself', async () => {
    await using server = await startTestServer();
    addCompleteScript(server.home);
    let { id } = await startTraining(server.url, COMPLETE_START);
    const { page, consoleErrors } = await openPage(browser(), `${server.url}/jobs/${id}`);
    const duplicate = async (change: () => Promise<void>): Promise<object> => {
      await page.getByRole('button', { name: 'Duplicate' }).click();
      await page.getByLabel('Arguments').waitFor();
      await change();
      await page.getByRole('button', { name: 'Start training' }).click();
      await expect.poll(() => page.url(), { timeout: 60_000 }).not.toMatch(new RegExp(`start|${id}`));
      id = page.url().slice(page.url().lastIndexOf('/') + 1);
      return templateOf(server.url, id);
    };

    expect(await duplicate(async () => {})).toEqual(COMPLETE_START);
    const changed = await duplicate(async () => {
      await page.getByLabel('Width', { exact: true }).fill('32');
      await page.getByLabel('Tags').fill('four, five');
      await page.getByText('Limits and resources').click();
      await page.getByLabel('Retries after a failure').fill('3');
      await page.getByLabel('Stall limit (seconds)').fill('');
    });
    expect(changed).toEqual({
      ...COMPLETE_START,
      options: { ...COMPLETE_START.options, width: 32 },
      tags: ['four', 'five'],
      retry: { ...COMPLETE_START.retry, limit: 3 },
      stallLimitSeconds: null,
    });
    expect(consoleErrors).toEqual([]);
  });
});
