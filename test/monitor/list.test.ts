import { expect, test } from 'vitest';
import { send, startTraining } from '../support/api-client.ts';
import { recordEndedJobs } from '../support/fleet-home.ts';
import { temporaryHome } from '../support/home.ts';
import { startTestServer } from '../support/server-process.ts';
import { describeInBrowser, openPage } from './support.ts';

const SIMULATION = { backend: 'SIMULATION', epochs: 100_000 };

describeInBrowser('the list of jobs', (browser) => {
  test('shows jobs as they are created, changed and deleted, without a reload', async () => {
    await using server = await startTestServer();
    const { page, consoleErrors } = await openPage(browser(), server.url);
    await page.getByText('No jobs yet').waitFor();
    const { id } = await startTraining(server.url, { ...SIMULATION, name: 'seen live' });
    const row = page.getByRole('row').filter({ hasText: 'seen live' });
    await row.getByText('Running', { exact: true }).waitFor();
    await row.getByText(/epoch [1-9]/).waitFor();
    await page.getByRole('link', { name: 'Active 1' }).waitFor();
    await send(server.url, `mutation { stopTraining(input: { id: "${id}" }) { __typename } }`);
    await row.getByText('Stopped', { exact: true }).waitFor();
    await page.getByRole('link', { name: 'Stopped 1' }).waitFor();
    await send(server.url, `mutation { deleteJobs(input: { filter: { ids: ["${id}"] } }) { __typename } }`);
    await page.getByText('No jobs yet').waitFor();
    expect(consoleErrors).toEqual([]);
  });

  test('scrolls through thousands of jobs, and renders only visible rows', async () => {
    const home = temporaryHome();
    recordEndedJobs(home, 3000);
    await using server = await startTestServer({ home });
    const { page } = await openPage(browser(), server.url);
    await page.getByRole('link', { name: 'All 3,000' }).waitFor();
    await page.keyboard.press('End');
    await page.getByRole('link', { name: 'dropout 3000', exact: true }).waitFor();
    expect(await page.getByRole('row').count()).toBeLessThan(60);
    const scrolled = () => page.evaluate<number>('scrollY');
    // The browser scrolls smoothly, and draws the last row before it has arrived.
    await expect
      .poll(() => page.evaluate('document.documentElement.scrollHeight - innerHeight - scrollY'))
      .toBeLessThan(1);
    const before = await scrolled();
    await page.getByRole('link', { name: 'dropout 3000', exact: true }).click();
    await page.getByRole('heading', { level: 1, name: 'dropout 3000' }).waitFor();
    await expect.poll(scrolled).toBe(0);
    await page.goBack();
    await page.getByRole('link', { name: 'dropout 3000', exact: true }).waitFor();
    await expect.poll(scrolled).toBe(before);
    expect(await page.getByRole('table', { name: 'Jobs' }).getAttribute('aria-rowcount')).toBe('3001');
  });

  test('keeps its filters in the URL, after a reload and after returning from a job', async () => {
    const home = temporaryHome();
    recordEndedJobs(home, 100);
    await using server = await startTestServer({ home });
    const { page } = await openPage(browser(), server.url);
    await page.getByRole('link', { name: /^Failed/ }).click();
    await page.getByRole('searchbox').fill('wide');
    await page.getByLabel('Order').selectOption('Name');
    await expect.poll(() => new URL(page.url()).search).toBe('?show=failed&q=wide&sort=name');
    const names = async () => page.locator('a.job-name').allTextContents();
    // While the list loads there are no names.
    const found = async () => {
      const all = await names();
      return all.length > 1 && all.every((name) => name.startsWith('wide'));
    };
    await expect.poll(found).toBe(true);
    const before = await names();
    await page.reload();
    await expect.poll(names).toEqual(before);
    expect(await page.getByRole('searchbox').inputValue()).toBe('wide');
    await page.locator('a.job-name').first().click();
    await page.getByRole('heading', { level: 1, name: before[0] ?? '' }).waitFor();
    await page.goBack();
    await expect.poll(names).toEqual(before);
  });

  test('shows markup in a name as plain text', async () => {
    await using server = await startTestServer();
    const name = '<img src=x onerror="document.title=1"><script>alert(1)</script>';
    await startTraining(server.url, { ...SIMULATION, name, tags: ['<b>bold</b>'] });
    const { page, consoleErrors } = await openPage(browser(), server.url);
    await page.getByRole('link', { name, exact: true }).click();
    await page.getByRole('heading', { level: 1, name, exact: true }).waitFor();
    await page.getByRole('link', { name: '<b>bold</b>', exact: true }).waitFor();
    expect(consoleErrors).toEqual([]);
  });

  test('can be used with the keyboard alone', async () => {
    const home = temporaryHome();
    recordEndedJobs(home, 20);
    await using server = await startTestServer({ home });
    const { page } = await openPage(browser(), server.url);
    await page.getByRole('link', { name: 'baseline 1', exact: true }).waitFor();
    const focused = () => page.evaluate<string>('document.activeElement.textContent');
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('Skip to content');
    await page.keyboard.press('/');
    await page.keyboard.type('low rate');
    await expect.poll(() => page.locator('a.job-name').count()).toBe(5);
    for (let presses = 0; presses < 10 && (await focused()) !== 'low rate 3'; presses += 1)
      await page.keyboard.press('Tab');
    expect(await focused()).toBe('low rate 3');
    await page.keyboard.press('ArrowDown');
    expect(await focused()).toBe('low rate 7');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'low rate 7' }).waitFor();
  });

  test('compares the selected jobs in one chart for each metric', async () => {
    await using server = await startTestServer();
    for (const name of ['one', 'two']) await startTraining(server.url, { ...SIMULATION, name, seed: name.length });
    const { page, consoleErrors } = await openPage(browser(), server.url);
    for (const name of ['one', 'two']) await page.getByRole('checkbox', { name: `Select ${name}` }).check();
    await page.getByRole('link', { name: 'Compare' }).click();
    await page
      .getByRole('img', {
        name: /^val_loss over steps\. .*one: .* at step .*two: .* at step|^val_loss over steps\. .*two: .* at step .*one: .* at step/,
      })
      .waitFor();
    await page.getByRole('button', { name: 'Remove one' }).click();
    await page.getByRole('img', { name: /^val_loss over steps\. two: .* at step [^:]*$/ }).waitFor();
    expect(consoleErrors).toEqual([]);
  });
});
