import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { HAS_TORCH } from '../support/torch.ts';
import { startTestServer } from '../support/server-process.ts';
import { describeInBrowser, openPage, picture } from './support.ts';

describeInBrowser('somebody new, who has only the page', (browser) => {
  test('starts a training, sees its curve grow, stops it, resumes it and downloads the model', async () => {
    await using server = await startTestServer();
    const { page, complaints } = await openPage(browser(), server.url, { acceptDownloads: true });
    await page.getByRole('link', { name: 'Start the first training' }).click();
    await page.getByRole('columnheader', { name: /^y number/ }).waitFor();
    await picture(page, 'newcomer-1-start');
    // Long enough to be stopped by hand; the sample is learned within a second otherwise.
    await page.getByLabel('Epochs', { exact: true }).fill('200000');
    await page.getByText('Options of the trainer').click();
    await page.getByLabel('Patience', { exact: true }).fill('0');
    await page.getByRole('button', { name: 'Start training' }).click();

    const status = page.getByRole('region', { name: 'Progress' }).getByRole('status');
    await status.getByText('Running').waitFor();
    const chart = page.getByRole('img', { name: /^loss over steps\. Training: .* at step / });
    const stepShown = async () => {
      const label = (await chart.getAttribute('aria-label')) ?? '';
      return Number(/at step ([\d,]+)/.exec(label)?.[1]?.replaceAll(',', ''));
    };
    const highestShown = async () =>
      Number(/ from [\d.e-]+ to ([\d.e-]+)/.exec((await chart.getAttribute('aria-label')) ?? '')?.[1]);
    const first = await stepShown();
    await expect.poll(stepShown).toBeGreaterThan(first);
    // What was reported before the page was told of the first numbers is shown as well.
    await expect.poll(highestShown).toBeGreaterThan(0.1);
    await picture(page, 'newcomer-2-running');

    await page.getByRole('button', { name: 'Stop' }).click();
    await status.getByText('Stopped').waitFor();
    const stoppedAt = await stepShown();
    await picture(page, 'newcomer-3-stopped');

    await page.getByRole('button', { name: 'Resume' }).click();
    await status.getByText('Running').waitFor();
    await expect.poll(stepShown).toBeGreaterThan(stoppedAt);

    await page.getByRole('button', { name: 'Stop' }).click();
    await status.getByText('Stopped').waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: /^Download (model|placeholder)/ }).click(),
    ]);
    const file = readFileSync(await download.path());
    expect(file.length).toBeGreaterThan(0);
    // What PyTorch saves is a zip archive.
    if (HAS_TORCH) expect(file.subarray(0, 2).toString()).toBe('PK');
    expect(complaints).toEqual([]);
  });

  test('is told what is wrong with a failed training, and what to do', async () => {
    await using server = await startTestServer();
    const { page } = await openPage(browser(), `${server.url}/start`);
    await page.getByLabel('Target', { exact: true }).fill('weather');
    await page.getByRole('button', { name: 'Start training' }).click();
    const failure = page.getByRole('region', { name: 'The data cannot be trained on' });
    await failure
      .getByText("sample.csv: there is no column 'weather' to predict. The columns are: x, y.")
      .first()
      .waitFor();
    await failure.getByText('What to do:').waitFor();
    // The log is told to its end, and no line of it twice.
    const log = page.getByRole('log');
    await expect.poll(() => log.getByText('raise InvalidDatasetError(').count()).toBe(1);
    await log.getByText(/^trainyard.data.errors.InvalidDatasetError/).waitFor();
    expect(await log.getByText('raise InvalidDatasetError(').count()).toBe(1);
    await picture(page, 'newcomer-failed');
  });

  test('is shown at its field what the server does not take', async () => {
    await using server = await startTestServer();
    const { page } = await openPage(browser(), `${server.url}/start`);
    await page.getByText('Options of the trainer').click();
    await page.getByLabel('Hidden', { exact: true }).fill('64, many');
    await page.getByText('Options of the trainer').click();
    await page.getByRole('button', { name: 'Start training' }).click();
    const field = page.getByLabel('Hidden', { exact: true });
    await expect.poll(() => field.getAttribute('aria-invalid')).toBe('true');
    // Unfolded and focused, so that nobody has to look for it.
    expect(await field.evaluate('document.activeElement.name')).toBe('option.hidden');
  });
});
