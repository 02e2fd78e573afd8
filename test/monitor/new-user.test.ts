import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startTraining } from '../support/api-client.ts';
import { HAS_TORCH } from '../support/torch.ts';
import { startTestServer } from '../support/server-process.ts';
import { describeInBrowser, openPage, screenshot, stepShown } from './support.ts';

describeInBrowser('a new user, who has only the page', (browser) => {
  test('starts a training, watches its curve, stops it, resumes it and downloads the model', async () => {
    await using server = await startTestServer();
    const { page, consoleErrors } = await openPage(browser(), server.url, { acceptDownloads: true });
    await page.getByRole('link', { name: 'Start the first training' }).click();
    await page.getByRole('columnheader', { name: /^y number/ }).waitFor();
    await screenshot(page, 'new-user-1-start');
    // Long enough to stop it by hand: the sample takes less than a second otherwise.
    await page.getByLabel('Epochs', { exact: true }).fill('200000');
    await page.getByText('Trainer options').click();
    await page.getByLabel('Patience', { exact: true }).fill('0');
    await page.getByRole('button', { name: 'Start training' }).click();

    const status = page.getByRole('region', { name: 'Progress' }).getByRole('status');
    await status.getByText('Running', { exact: true }).waitFor();
    const chart = page.getByRole('img', { name: /^loss over steps\. Training: .* at step / });
    const highestShown = async () =>
      Number(/ from [\d.e-]+ to ([\d.e-]*\d)/.exec((await chart.getAttribute('aria-label')) ?? '')?.[1]);
    const first = await stepShown(chart);
    await expect.poll(() => stepShown(chart)).toBeGreaterThan(first);
    // The curve includes the reports from before the first message that the page received.
    await expect.poll(highestShown).toBeGreaterThan(0.1);
    await screenshot(page, 'new-user-2-running');

    await page.getByRole('button', { name: 'Stop' }).click();
    await status.getByText('Stopped', { exact: true }).waitFor();
    const stoppedAt = await stepShown(chart);
    await screenshot(page, 'new-user-3-stopped');

    await page.getByRole('button', { name: 'Resume' }).click();
    await status.getByText('Running', { exact: true }).waitFor();
    await expect.poll(() => stepShown(chart)).toBeGreaterThan(stoppedAt);

    await page.getByRole('button', { name: 'Stop' }).click();
    await status.getByText('Stopped', { exact: true }).waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: /^Download (model|placeholder)/ }).click(),
    ]);
    const file = readFileSync(await download.path());
    expect(file.length).toBeGreaterThan(0);
    // PyTorch saves zip archives.
    if (HAS_TORCH) expect(file.subarray(0, 2).toString()).toBe('PK');
    expect(consoleErrors).toEqual([]);
  });

  test('sees why a training failed, what to do, and no button or traceback that does not help', async () => {
    await using server = await startTestServer();
    // Beyond the rows that a start reads.
    const rows = '1,2\n3,5\n'.repeat(10_000);
    writeFileSync(join(server.home, 'datasets', 'ragged.csv'), `x,y\n${rows}3\n4,5\n`);
    const { id } = await startTraining(server.url, { dataset: 'ragged.csv' });
    const { page } = await openPage(browser(), `${server.url}/jobs/${id}`);
    const failure = page.getByRole('region', { name: 'This table cannot be used' });
    await failure.getByText('ragged.csv, line 20002').first().waitFor();
    await failure.getByText('Upload a corrected file').waitFor();
    await page.getByRole('button', { name: 'Duplicate' }).waitFor();
    expect(await page.getByRole('button', { name: 'Resume' }).count()).toBe(0);
    // The log is complete, and has no line twice.
    const log = page.getByRole('log');
    await expect.poll(() => log.getByText('ragged.csv, line 20002').count()).toBe(1);
    expect(await log.getByText('Traceback').count()).toBe(0);
    await screenshot(page, 'new-user-failed');
  });

  test('sees the error of the server next to the invalid field', async () => {
    await using server = await startTestServer();
    const { page } = await openPage(browser(), `${server.url}/start`);
    await page.getByText('Trainer options').click();
    await page.getByLabel('Hidden', { exact: true }).fill('64, many');
    await page.getByText('Trainer options').click();
    await page.getByRole('button', { name: 'Start training' }).click();
    const field = page.getByLabel('Hidden', { exact: true });
    await expect.poll(() => field.getAttribute('aria-invalid')).toBe('true');
    // The section opens, and the field has the focus.
    expect(await field.evaluate('document.activeElement.name')).toBe('option.hidden');
  });

  test('sees the bound of a number next to its field', async () => {
    await using server = await startTestServer();
    const { page } = await openPage(browser(), `${server.url}/start`);
    const epochs = page.getByLabel('Epochs', { exact: true });
    for (const tooMany of ['1000001', '1000000000000']) {
      await epochs.fill(tooMany);
      await page.getByRole('button', { name: 'Start training' }).click();
      expect(await page.evaluate('document.activeElement.name')).toBe('epochs');
      // The sentence of the browser.
      expect(await page.evaluate('document.activeElement.validationMessage')).toMatch(/ 1000000\.$/);
    }
    await epochs.fill('');
    // The section of an invalid field opens.
    await page.getByText('Limits and resources').click();
    const retries = page.getByLabel('Retries after a failure');
    await retries.fill('1000');
    await page.getByText('Limits and resources').click();
    await page.getByRole('button', { name: 'Start training' }).click();
    await retries.waitFor();
    expect(await page.evaluate('document.activeElement.name')).toBe('retries');
    expect(page.url()).toBe(`${server.url}/start`);
  });
});
