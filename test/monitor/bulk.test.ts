import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { readJob, send, startTraining } from '../support/api-client.ts';
import { startTestServer } from '../support/server-process.ts';
import { until } from '../support/until.ts';
import { describeInBrowser, openPage, screenshot } from './support.ts';

const bar = (page: Page) => page.getByRole('region', { name: 'Selected jobs' });
const tick = (page: Page, name: string) => page.getByRole('checkbox', { name: `Select ${name}`, exact: true });

describeInBrowser('a user with many jobs', (browser) => {
  test('selects many, also over a reload, and stops, tags and deletes them, with a chance to undo', async () => {
    await using server = await startTestServer({ environment: { TRAINYARD_MAX_RUNNING: '2' } });
    const { url } = server;
    const names = Array.from({ length: 9 }, (_, index) => `run ${index + 1}`);
    const ids: string[] = [];
    for (const name of names) {
      ids.push((await startTraining(url, { backend: 'SIMULATION', epochs: 100_000, name })).id);
    }
    const { page, consoleErrors } = await openPage(browser(), url);
    for (const name of names) await tick(page, name).check();
    // The ninth tick works too: only Compare has a limit, which it shows.
    await bar(page).getByText('9 jobs selected').waitFor();
    await bar(page).getByText('Compare shows at most 8.').waitFor();
    await page.getByRole('link', { name: 'run 1', exact: true }).click();
    await page.getByRole('link', { name: 'All jobs' }).click();
    await page.reload();
    await bar(page).getByText('9 jobs selected').waitFor();
    await tick(page, 'run 9').uncheck();
    await bar(page).getByRole('link', { name: 'Compare' }).waitFor();

    await bar(page).getByRole('button', { name: 'Tag' }).click();
    await bar(page).getByLabel('Tag to add').fill('sweep');
    await bar(page).getByRole('button', { name: 'Add tag' }).click();
    await bar(page).getByText('8 jobs tagged with sweep.').waitFor();
    await screenshot(page, 'bulk-selection', { fullPage: false });
    await bar(page).getByRole('button', { name: 'Stop' }).click();
    await bar(page).getByText('8 jobs stopping.').waitFor();
    for (const id of ids.slice(0, 8)) {
      await until('it has stopped', async () => (await readJob(url, id)).status === 'STOPPED');
    }

    const count = async () => {
      const { data } = await send<{ jobs: { totalCount: number } }>(
        url,
        '{ jobs(filter: { allTags: ["sweep"] }) { totalCount } }',
      );
      return data?.jobs.totalCount;
    };
    const deletion = page.getByRole('region', { name: 'Deletion' });
    await bar(page).getByRole('button', { name: 'Delete' }).click();
    await deletion.getByText('Deleting 8 jobs.').waitFor();
    await deletion.getByRole('button', { name: 'Undo' }).click();
    await deletion.waitFor({ state: 'detached' });
    expect(await count()).toBe(8);

    for (const name of ['run 1', 'run 2']) await tick(page, name).check();
    await bar(page).getByRole('button', { name: 'Delete' }).click();
    await expect.poll(count, { timeout: 30_000 }).toBe(6);
    await expect.poll(() => page.getByRole('link', { name: 'run 2', exact: true }).count()).toBe(0);
    // Deleted jobs are not selected any more, and a comparison names them, also after Back.
    for (const name of ['run 4', 'run 5', 'run 6']) await tick(page, name).check();
    await bar(page).getByRole('link', { name: 'Compare' }).click();
    await page.getByRole('link', { name: 'run 4', exact: true }).click();
    await page.getByRole('button', { name: 'Delete' }).click();
    await bar(page).getByText('2 jobs selected').waitFor();
    await page.goBack();
    await page.getByText('The job run 4 of this link has been deleted.').waitFor();
    await page.goBack();
    await bar(page).getByText('2 jobs selected').waitFor();
    expect(await tick(page, 'run 5').isChecked()).toBe(true);
    await bar(page).getByRole('button', { name: 'Clear' }).click();
    // A job that is deleted when the page is closed is deleted as well.
    await page.getByRole('link', { name: 'run 3', exact: true }).click();
    await page.getByRole('button', { name: 'Delete' }).click();
    await deletion.getByText('Deleting run 3').waitFor();
    await page.close();
    await expect.poll(count, { timeout: 30_000 }).toBe(4);
    expect(consoleErrors).toEqual([]);
  });

  test('deletes a dataset, but not while a job uses it', async () => {
    await using server = await startTestServer();
    const { url, home } = server;
    writeFileSync(join(home, 'datasets', 'rubbish.csv'), 'x,y\n1,2\n3,4\n');
    const { id } = await startTraining(url, { backend: 'SIMULATION', epochs: 100_000, dataset: 'rubbish.csv' });
    const { page } = await openPage(browser(), `${url}/data?dataset=rubbish.csv`);
    const deletion = page.getByRole('region', { name: 'Deletion' });
    await page.getByRole('button', { name: 'Delete' }).click();
    await deletion.getByText('The dataset "rubbish.csv" cannot be deleted').waitFor();
    await send(url, `mutation { stopTraining(input: { id: "${id}" }) { __typename } }`);
    await until('it has stopped', async () => (await readJob(url, id)).status === 'STOPPED');
    await page.getByRole('link', { name: 'rubbish.csv' }).click();
    await page.getByRole('button', { name: 'Delete' }).click();
    await deletion.getByText('Deleting rubbish.csv.').waitFor();
    await expect.poll(() => page.getByRole('link', { name: /rubbish/ }).count(), { timeout: 30_000 }).toBe(0);
    expect(existsSync(join(home, 'datasets', 'rubbish.csv'))).toBe(false);
  });
});
