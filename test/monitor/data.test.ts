import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryHome } from '../support/home.ts';
import { startTestServer } from '../support/server-process.ts';
import { describeInBrowser, openPage, picture } from './support.ts';

const ROWS = Array.from(
  { length: 40 },
  (_, row) => `${row},${row % 2 === 0 ? 'red' : 'blue'},${row === 7 ? '' : row * 3}`,
);
const TABLE = ['size,colour,price', ...ROWS].join('\n');

describeInBrowser('a table from this machine', (browser) => {
  test('is uploaded, looked at, and trained on', async () => {
    await using server = await startTestServer();
    const file = join(temporaryHome(), 'my cars.csv');
    writeFileSync(file, TABLE);
    const { page, complaints } = await openPage(browser(), `${server.url}/start`);
    await page.getByLabel('Upload a table').setInputFiles(file);
    await page.getByRole('columnheader', { name: /^colour category 2 values/ }).waitFor();
    await page.getByRole('columnheader', { name: /^price number .*gaps/ }).waitFor();
    await picture(page, 'data-uploaded');
    await page.getByText('Limits and resources').click();
    await page.getByLabel('Computes with').selectOption({ label: 'A simulation: made-up numbers, no model' });
    await page.getByRole('button', { name: 'Start training' }).click();
    await page.getByText('my cars.csv', { exact: true }).waitFor();
    expect(readFileSync(join(server.home, 'datasets', 'my cars.csv'), 'utf8')).toBe(TABLE);
    expect(complaints).toEqual([]);
  });

  test('does not take the place of another one unasked', async () => {
    await using server = await startTestServer();
    const file = join(temporaryHome(), 'sample.csv');
    writeFileSync(file, TABLE);
    const { page } = await openPage(browser(), `${server.url}/data`);
    await page.getByRole('columnheader', { name: /^y number/ }).waitFor();
    await page.getByLabel('Upload a table').setInputFiles(file);
    await page.getByText('There is a dataset sample.csv already.').waitFor();
    await page.getByRole('button', { name: 'Replace it' }).click();
    await page.getByRole('columnheader', { name: /^colour category/ }).waitFor();
  });
});
