import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { startTestServer } from '../support/server-process.ts';
import { HAS_TORCH } from '../support/torch.ts';
import { describeInBrowser, openPage, screenshot, violations } from './support.ts';

describeInBrowser('a user who has trained a model on the page', (browser) => {
  test.skipIf(!HAS_TORCH)(
    'predicts one row with a click, and a file by dropping it',
    { timeout: 300_000 },
    async () => {
      await using server = await startTestServer();
      const rows = Array.from({ length: 200 }, (_, row) => {
        const age = 20 + ((row * 7) % 50);
        return `${age},${['Rome', 'Oslo'][row % 2]},${age > 45 ? 'yes' : 'no'}`;
      });
      const { page, consoleErrors } = await openPage(browser(), `${server.url}/start`, { acceptDownloads: true });
      const buffer = Buffer.from(`age,city,member\n${rows.join('\n')}\n`);
      await page.locator('input[type=file]').setInputFiles({ name: 'people.csv', mimeType: 'text/csv', buffer });
      await page.getByRole('columnheader', { name: /^member category/ }).waitFor();
      await page.getByLabel('Epochs', { exact: true }).fill('30');
      await page.getByRole('button', { name: 'Start training' }).click();
      await page.getByRole('region', { name: 'Progress' }).getByText('Completed', { exact: true }).waitFor();

      const card = page.getByRole('region', { name: 'Predict' });
      await card.getByRole('button', { name: 'Use this model' }).click();
      // The fields hold typical values.
      await card.getByRole('button', { name: 'Predict' }).click();
      const result = card.getByRole('status', { name: 'Prediction' });
      await result
        .getByRole('definition')
        .getByText(/^(yes|no)$/)
        .waitFor();
      await card.getByLabel('age').fill('69');
      await card.getByLabel('city').selectOption('Oslo');
      await card.getByRole('button', { name: 'Predict' }).click();
      await result.getByRole('definition').getByText('yes', { exact: true }).waitFor();
      await result.getByRole('list', { name: 'Probabilities' }).getByText('%').first().waitFor();
      await screenshot(page, 'predict');
      expect(await violations(page)).toEqual([]);

      await card
        .locator('input[type=file]')
        .setInputFiles({ name: 'new.csv', mimeType: 'text/csv', buffer: Buffer.from('age,city\n69,Oslo\n21,Rome\n') });
      await page.getByRole('heading', { name: 'Predictions for new.csv' }).waitFor();
      const files = page.getByRole('region', { name: /^Files/ });
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        files.getByRole('link', { name: 'predictions.csv' }).click(),
      ]);
      const [header, first, second] = readFileSync(await download.path(), 'utf8').split('\n');
      expect(header).toBe('age,city,prediction,probability_no,probability_yes');
      expect(first).toMatch(/^69,Oslo,yes,/);
      expect(second).toMatch(/^21,Rome,no,/);
      expect(consoleErrors).toEqual([]);
    },
  );
});
