import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryHome } from '../support/home.ts';
import { startTestServer } from '../support/server-process.ts';
import { describeInBrowser, openPage, screenshot } from './support.ts';

const ROWS = Array.from(
  { length: 40 },
  (_, row) => `${row},${row % 2 === 0 ? 'red' : 'blue'},${row === 7 ? '' : row * 3}`,
);
const TABLE = ['size,colour,price', ...ROWS].join('\n');

describeInBrowser('a table of the user', (browser) => {
  test('is uploaded, previewed and used for a training', async () => {
    await using server = await startTestServer();
    const file = join(temporaryHome(), 'my cars.csv');
    writeFileSync(file, TABLE);
    const { page, consoleErrors } = await openPage(browser(), `${server.url}/start`);
    await page.getByLabel('Upload table').setInputFiles(file);
    await page.getByRole('columnheader', { name: /^colour category 2 values/ }).waitFor();
    await page.getByRole('columnheader', { name: /^price number 0 to 117, 2\.5% missing/ }).waitFor();
    await page.getByText('my cars.csv uploaded: 40 rows').waitFor();
    await screenshot(page, 'data-uploaded');
    await page.getByText('Limits and resources').click();
    await page.getByLabel('Backend').selectOption({ label: 'Simulation (no real training, no model)' });
    await page.getByRole('button', { name: 'Start training' }).click();
    await page.getByText('my cars.csv', { exact: true }).waitFor();
    expect(readFileSync(join(server.home, 'datasets', 'my cars.csv'), 'utf8')).toBe(TABLE);
    expect(consoleErrors).toEqual([]);
  });

  test('replaces a dataset of the same name only after a confirmation', async () => {
    await using server = await startTestServer();
    const file = join(temporaryHome(), 'sample.csv');
    writeFileSync(file, TABLE);
    const { page } = await openPage(browser(), `${server.url}/data`);
    await page.getByRole('columnheader', { name: /^y number/ }).waitFor();
    await page.getByLabel('Upload table').setInputFiles(file);
    await page.getByText('A dataset named sample.csv already exists.').waitFor();
    await page.getByRole('button', { name: 'Replace' }).click();
    await page.getByRole('columnheader', { name: /^colour category/ }).waitFor();
  });
});
