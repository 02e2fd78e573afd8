import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryHome } from '../support/home.ts';
import type { Page } from 'playwright-core';
import { post } from '../server/support.ts';
import { startTestServer, type TestServer } from '../support/server-process.ts';
import { bearer, tokenLine } from '../support/tokens.ts';
import { describeInBrowser, openPage } from './support.ts';

const READ_ONLY = 'Your role is viewer: read-only access.';

/** A server with a viewer, two operators and a job that the operator Olga started and ended. */
async function startServerWithRoles(): Promise<TestServer & { readonly jobId: string }> {
  const file = join(temporaryHome(), 'tokens');
  writeFileSync(
    file,
    ['viewer', 'operator', 'operator', 'admin']
      .map((role, index) => tokenLine(['vera', 'olga', 'otto', 'adam'][index] ?? '', `${role}-${index}`, role))
      .join(''),
  );
  const server = await startTestServer({ environment: { TRAINYARD_TOKENS_FILE: file } });
  const start =
    'mutation { startTraining(input: { backend: SIMULATION, epochs: 1 }) { ... on StartTrainingSuccess { job { id } } } }';
  const { data } = (await post(server, start, { headers: bearer('operator-1') })).json();
  const { id } = (data?.['startTraining'] as { job: { id: string } }).job;
  return { ...server, jobId: id };
}

async function signIn(page: Page, token: string): Promise<void> {
  await page.getByLabel('Access token').fill(token);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('Live', { exact: true }).waitFor();
}

/** Opens a page of the monitor, and waits for its heading. */
async function visit(page: Page, url: string, heading: string): Promise<void> {
  await page.goto(url);
  await page.getByRole('heading', { level: 1, name: heading }).waitFor();
}

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

describeInBrowser('a server that requires access tokens', (browser) => {
  test('asks for a token once per tab, rejects a wrong one, and works with the right one', async () => {
    const file = join(temporaryHome(), 'tokens');
    writeFileSync(file, `ada ${createHash('sha256').update('open-sesame').digest('hex')}\n`);
    await using server = await startTestServer({ environment: { TRAINYARD_TOKENS_FILE: file } });
    writeFileSync(join(server.home, 'datasets', 'مدل ۱.csv'), 'x,y\n1,2\n');
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
    for (const name of ['sample.csv', 'مدل ۱.csv']) {
      await page.getByRole('listitem').getByRole('link', { name }).click();
      await page.getByRole('heading', { name }).waitFor();
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: 'Download' }).click(),
      ]);
      expect(download.suggestedFilename()).toBe(name);
    }
  });

  test('shows a viewer no action that the server would refuse, and says why', async () => {
    await using server = await startServerWithRoles();
    const { jobId } = server;
    const { page, consoleErrors } = await openPage(browser(), server.url);
    await signIn(page, 'viewer-0');
    await page.getByText('read only', { exact: true }).waitFor();
    expect(await page.getByRole('link', { name: /New/ }).count()).toBe(0);
    const before = consoleErrors.length;

    await visit(page, `${server.url}/jobs/${jobId}`, jobId);
    await page.getByText('Completed', { exact: true }).first().waitFor();
    await page.getByText(READ_ONLY).waitFor();
    for (const name of ['Stop', 'Train longer', 'Duplicate', 'Delete', 'Save']) {
      expect(await button(page, name).count(), name).toBe(0);
    }
    expect(await page.getByLabel('Notes', { exact: true }).getAttribute('readonly')).not.toBeNull();

    await visit(page, `${server.url}/data`, 'Data');
    await page.getByText(READ_ONLY).waitFor();
    await button(page, 'Download').waitFor();
    expect(await page.locator('input[type=file]').count()).toBe(0);
    expect(await page.getByRole('link', { name: 'Train on this dataset' }).count()).toBe(0);

    await visit(page, `${server.url}/start`, 'New training');
    await page.getByText(READ_ONLY).waitFor();
    expect(await button(page, 'Start training').count()).toBe(0);
    expect(consoleErrors.slice(before)).toEqual([]);
  });

  test('lets an operator change only its own jobs, and an admin all', async () => {
    await using server = await startServerWithRoles();
    const { jobId } = server;
    const others = 'Only olga and administrators can stop, resume, edit or delete this job.';

    const { page: otto } = await openPage(browser(), server.url);
    await signIn(otto, 'operator-2');
    await visit(otto, `${server.url}/jobs/${jobId}`, jobId);
    await otto.getByText(others).waitFor();
    await button(otto, 'Duplicate').waitFor();
    for (const name of ['Train longer', 'Delete', 'Save']) expect(await button(otto, name).count(), name).toBe(0);

    for (const token of ['operator-1', 'admin-3']) {
      const { page } = await openPage(browser(), server.url);
      await signIn(page, token);
      await visit(page, `${server.url}/jobs/${jobId}`, jobId);
      for (const name of ['Delete', 'Save', 'Duplicate']) await button(page, name).first().waitFor();
      expect(await page.getByText(others).count()).toBe(0);
    }
  });
});
