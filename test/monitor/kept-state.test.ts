import { expect, test } from 'vitest';
import { readJob, send, startTraining } from '../support/api-client.ts';
import { temporaryHome } from '../support/home.ts';
import { endJobs, startTestServer } from '../support/server-process.ts';
import { until } from '../support/until.ts';
import { describeInBrowser, openPage, screenshot } from './support.ts';

const FAST = { TRAINYARD_SIMULATION_STEP_SECONDS: '0.0001' };

describeInBrowser('a user who shares a view, or comes back to it', (browser) => {
  test('a link to a comparison has scale, smoothing and range, and says which of its jobs were deleted', async () => {
    await using server = await startTestServer({ environment: FAST });
    const ids: string[] = [];
    for (const name of ['one', 'two', 'gone']) {
      const { id } = await startTraining(server.url, { backend: 'SIMULATION', epochs: 200, name });
      await until('it has ended', async () => (await readJob(server.url, id)).status === 'COMPLETED');
      ids.push(id);
    }
    const { page, consoleErrors } = await openPage(browser(), `${server.url}/compare?jobs=${ids.join(',')}`);
    await page.getByLabel('Log scale').check();
    await page.getByLabel('Smoothing').fill('0.6');
    await page.getByLabel('From step').fill('100');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Remove one' }).click();
    await expect.poll(() => page.url()).toMatch(/compare\?jobs=job_\w+,job_\w+&scale=log&smooth=0\.6&from=100&to=\d+$/);
    expect(page.url()).not.toContain(ids[0]);

    await send(server.url, `mutation { deleteJobs(input: { filter: { ids: ["${ids[2] ?? ''}"] } }) { __typename } }`);
    const { page: second } = await openPage(browser(), page.url());
    await second.getByText(`The job ${ids[2] ?? ''} of this link has been deleted.`).waitFor();
    expect(await second.getByLabel('Log scale').isChecked()).toBe(true);
    expect(await second.getByLabel('Smoothing').inputValue()).toBe('0.6');
    expect(await second.getByLabel('From step').inputValue()).toBe('100');
    await screenshot(second, 'shared-comparison');
    expect(consoleErrors).toEqual([]);
  });

  test('unsaved notes are kept on other pages, and the browser asks before they are lost', async () => {
    await using server = await startTestServer({ environment: FAST });
    const { id } = await startTraining(server.url, { backend: 'SIMULATION', epochs: 1, name: 'noted' });
    await until('it has ended', async () => (await readJob(server.url, id)).status === 'COMPLETED');
    const { page } = await openPage(browser(), `${server.url}/jobs/${id}`);
    const notes = page.getByRole('textbox', { name: 'Notes', exact: true });
    await notes.fill('Try a smaller network next.');
    await page.getByText('Not saved yet.').waitFor();
    await page.getByRole('link', { name: 'All jobs' }).click();
    await page.getByRole('link', { name: 'noted' }).click();
    expect(await notes.inputValue()).toBe('Try a smaller network next.');

    const asked = page.waitForEvent('dialog');
    void page.reload().catch(() => undefined);
    const dialog = await asked;
    expect(dialog.type()).toBe('beforeunload');
    await dialog.dismiss();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved.').waitFor();
    await page.reload();
    expect(await notes.inputValue()).toBe('Try a smaller network next.');
  });

  test('the error of a Stop while the server was down goes when the connection is back', async () => {
    const home = temporaryHome();
    await using first = await startTestServer({ home });
    const { id } = await startTraining(first.url, { backend: 'SIMULATION', epochs: 100_000 });
    const { page } = await openPage(browser(), `${first.url}/jobs/${id}`);
    await page.getByRole('region', { name: 'Progress' }).getByText('Running', { exact: true }).waitFor();
    await first.end('SIGKILL');
    await page.getByText('Connection lost.').waitFor();
    await page.getByRole('button', { name: 'Stop' }).click();
    const error = page.getByText('Cannot reach the server.');
    await error.waitFor();
    await using second = await startTestServer({ home, port: first.port });
    await page.getByText('Connection lost.').waitFor({ state: 'detached' });
    await error.waitFor({ state: 'detached' });
    expect((await readJob(second.url, id)).status).toBe('RUNNING');
    await endJobs(home);
  });
});
