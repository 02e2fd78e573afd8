import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryHome } from '../support/home.ts';
import { startTestServer } from '../support/server-process.ts';
import { describeInBrowser, openPage } from './support.ts';

describeInBrowser('a server that requires access tokens', (browser) => {
  test('asks for a token once per tab, rejects a wrong one, and works with the right one', async () => {
    const file = join(temporaryHome(), 'tokens');
    writeFileSync(file, `ada ${createHash('sha256').update('open-sesame').digest('hex')}\n`);
    await using server = await startTestServer({ environment: { TRAINYARD_TOKENS_FILE: file } });
    const { page } = await openPage(browser(), server.url);
    await page.getByLabel('Access token').fill('wrong');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('The server does not accept this token.').waitFor();
    await page.getByLabel('Access token').fill('open-sesame');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('No jobs yet').waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
    // Kept for the tab, so that a reload does not ask again, and nowhere else.
    await page.reload();
    await page.getByText('No jobs yet').waitFor();
    expect(await page.evaluate('JSON.stringify(localStorage)')).not.toContain('sesame');
    await page.getByRole('link', { name: 'Data' }).click();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('sample.csv');
  });
});
