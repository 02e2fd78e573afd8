import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { startTestServer } from '../support/server-process.ts';
import { HAS_TORCH } from '../support/torch.ts';
import { describeInBrowser, openPage, screenshot, violations } from './support.ts';

/** A file in an encoding that its content does not name. */
function latin1(name: string, lines: readonly string[]): { name: string; mimeType: string; buffer: Buffer } {
  return { name, mimeType: 'text/csv', buffer: Buffer.from(`${lines.join('\n')}\n`, 'latin1') };
}

describeInBrowser('a user whose file is not UTF-8', (browser) => {
  test.skipIf(!HAS_TORCH)(
    'selects its encoding, sees the preview, trains, and predicts such a file',
    { timeout: 300_000 },
    async () => {
      await using server = await startTestServer();
      const rows = Array.from(
        { length: 60 },
        (_, row) => `${row},${['Zürich', 'Genève'][row % 2]},${row % 2 ? 9 : 1}.5`,
      );
      const { page, consoleErrors } = await openPage(browser(), `${server.url}/start`, { acceptDownloads: true });
      await page.locator('input[type=file]').setInputFiles(latin1('cities.csv', ['size,city,price', ...rows]));
      const data = page.getByRole('region', { name: 'Data' });
      await data.getByText(/is not valid UTF-8/).waitFor();
      // The fields open by themselves.
      await data.getByLabel('Encoding').selectOption('windows-1252');
      await data.getByRole('cell', { name: 'Zürich' }).first().waitFor();
      await page.locator('select[name="option.target"]').selectOption('price');
      await screenshot(page, 'read-options');
      expect(await violations(page)).toEqual([]);
      await data.getByLabel('Header').fill('2');
      await data.getByLabel('Header').blur();
      await data.getByRole('columnheader', { name: /^Zürich/ }).waitFor();
      await data.getByLabel('Header').fill('');
      await data.getByLabel('Header').blur();
      await page.getByLabel('Epochs', { exact: true }).fill('3');
      await page.getByRole('button', { name: 'Start training' }).click();
      await page.getByRole('region', { name: 'Progress' }).getByText('Completed', { exact: true }).waitFor();

      const card = page.getByRole('region', { name: 'Predict' });
      await card.getByRole('button', { name: 'Use this model' }).click();
      await card.getByText('Encoding and header of the file').click();
      await card.getByLabel('Encoding').selectOption('windows-1252');
      await card.getByLabel('Header').fill('2');
      await card.getByLabel('Header').blur();
      await card
        .locator('input[type=file]')
        .setInputFiles(latin1('new.csv', ['Städte', 'size,city', '5,Zürich', '6,Genève']));
      const files = page.getByRole('region', { name: /^Files/ });
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        files.getByRole('link', { name: 'predictions.csv' }).click(),
      ]);
      expect(readFileSync(await download.path(), 'utf8')).toMatch(/^size,city,prediction\n5,Zürich,.*\n6,Genève,/);
      expect(consoleErrors).toEqual([]);
    },
  );
});
