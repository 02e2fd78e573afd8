import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
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
    await page.getByRole('columnheader', { name: /^price number target 0 to 117, 2\.5% missing/ }).waitFor();
    await page.getByText('my cars.csv uploaded: 40 rows').waitFor();
    await screenshot(page, 'data-uploaded');
    await page.getByText('Limits and resources').click();
    await page.getByLabel('Backend').selectOption({ label: 'Simulation (no real training, no model)' });
    await page.getByRole('button', { name: 'Start training' }).click();
    await page.getByText('my cars.csv', { exact: true }).waitFor();
    expect(readFileSync(join(server.home, 'datasets', 'my cars.csv'), 'utf8')).toBe(TABLE);
    expect(consoleErrors).toEqual([]);
  });

  test('is not a letter or an empty file: the page says so, and starts nothing', async () => {
    await using server = await startTestServer();
    const files = temporaryHome();
    writeFileSync(join(files, 'letter.txt'), 'Dear Anna,\nthis is a letter.\n\nBest wishes\nBob\n');
    writeFileSync(join(files, 'empty.csv'), '');
    const { page } = await openPage(browser(), `${server.url}/start`);
    await page.getByLabel('Upload table').setInputFiles(join(files, 'empty.csv'));
    await page.getByText('The file is empty.').waitFor();
    writeFileSync(join(files, 'header.csv'), 'a,b\n');
    await page.getByLabel('Upload table').setInputFiles(join(files, 'header.csv'));
    await page.getByText('header.csv uploaded, but it has no rows below its header.').waitFor();
    await page.getByLabel('Upload table').setInputFiles(join(files, 'letter.txt'));
    await page.getByText('letter.txt uploaded, but it is not a table.').waitFor();
    await page.getByRole('button', { name: 'Start training' }).click();
    await page.getByRole('alert').getByText('letter.txt is not a table that this trainer can use.').waitFor();
    expect(readdirSync(join(server.home, 'artifacts', 'specs'))).toEqual([]);
    // The message goes with its cause.
    await page.getByLabel('Dataset').selectOption('sample.csv');
    await page.getByRole('alert').waitFor({ state: 'detached' });
    writeFileSync(join(files, 'ragged.csv'), 'x,y\n1,2\n3\n4,5\n');
    await page.getByLabel('Upload table').setInputFiles(join(files, 'ragged.csv'));
    await page.getByText('ragged.csv uploaded, but it is not a table. ragged.csv, line 3:').waitFor();
    await page.getByRole('link', { name: 'Data', exact: true }).click();
    await page.getByRole('link', { name: /^letter/ }).click();
    const languageModel = page.getByRole('link', { name: 'Train a language model on this text' });
    await languageModel.waitFor();
    expect(await page.getByRole('link', { name: 'Train on this dataset' }).count()).toBe(0);
    await languageModel.click();
    await expect.poll(() => page.getByLabel('Trainer', { exact: true }).inputValue()).toBe('language-model');
  });

  test('names its target, the task and what a model has to beat before the start', async () => {
    await using server = await startTestServer();
    const rows = Array.from({ length: 40 }, (_, row) => `n${row},${row % 4 === 0 ? 'red' : 'blue'},${row * 300}`);
    writeFileSync(join(server.home, 'datasets', 'cars.csv'), ['plate,"colour, outside",price', ...rows].join('\n'));
    const { page } = await openPage(browser(), `${server.url}/start?dataset=cars.csv`);
    await page.getByText('Regression. Always predicting the mean, 5,850, has an RMSE of 3,463.').waitFor();
    const target = page.getByLabel('Target', { exact: true });
    await target.selectOption({ label: 'plate (cannot be predicted)' });
    await page.getByText('Cannot be predicted: identifier (all values differ).').waitFor();
    await target.selectOption('colour, outside');
    await page.getByText('Classification. Always predicting “blue” is right for 75% of the rows.').waitFor();
    await page.getByRole('columnheader', { name: /^colour, outside category target 2 values/ }).waitFor();
    await screenshot(page, 'data-target');
    await page.getByText('Limits and resources').click();
    await page.getByLabel('Backend').selectOption({ label: 'Simulation (no real training, no model)' });
    await page.getByRole('button', { name: 'Start training' }).click();
    await page.getByRole('heading', { level: 1 }).filter({ hasNotText: 'New training' }).waitFor();
    const [spec = ''] = readdirSync(join(server.home, 'artifacts', 'specs'));
    const { options } = JSON.parse(readFileSync(join(server.home, 'artifacts', 'specs', spec), 'utf8')) as {
      options: unknown;
    };
    expect(options).toEqual({ target: 'colour, outside' });
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
