import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { startTraining } from '../support/api-client.ts';
import { temporaryHome } from '../support/home.ts';
import { startTestServer } from '../support/server-process.ts';
import { describeInBrowser, openPage, screenshot } from './support.ts';

const run = (page: Page) => page.getByRole('button', { name: /^Execute/ }).click();
const stop = (page: Page) => page.getByRole('button', { name: /^Stop query/ }).click();
/** The response that the page shows. */
const result = async (page: Page) => (await page.locator('.result-window').innerText()).replaceAll('\u00a0', ' ');

/**
 * Runs the operation of the tab until its result matches. Again if necessary: for a moment after a change of the tab, GraphiQL sends the name
 * of the operation of the tab before.
 */
async function runFor(page: Page, pattern: RegExp): Promise<void> {
  const answer = async () => {
    if ((await page.getByRole('button', { name: /^Execute/ }).count()) > 0) await run(page);
    return result(page);
  };
  await expect.poll(answer, { timeout: 60_000, interval: 1000 }).toMatch(pattern);
}

/** Clicks a tab once, and waits until it is the active one. */
async function openTab(page: Page, name: string): Promise<void> {
  await page.getByRole('tab', { name }).click();
  await expect.poll(() => page.getByRole('tab', { name, selected: true }).count()).toBe(1);
}

describeInBrowser('GraphiQL', (browser) => {
  test('shows the messages of a subscription as they arrive', async () => {
    await using server = await startTestServer();
    const { id } = await startTraining(server.url, { backend: 'SIMULATION', epochs: 100_000 });
    const query = `subscription { jobProgress(id: "${id}") { status step } }`;
    const { page } = await openPage(browser(), `${server.url}/graphql?query=${encodeURIComponent(query)}`);
    await run(page);
    const step = async () => Number(/"step":\s*(\d+)/.exec(await result(page))?.[1] ?? 0);
    await expect.poll(step, { timeout: 30_000 }).toBeGreaterThan(0);
    const first = await step();
    await expect.poll(step, { timeout: 30_000 }).toBeGreaterThan(first);
    await screenshot(page, 'graphiql');

    // Right after a change of the tab, GraphiQL still sends the name of the operation of the tab before.
    const body = JSON.stringify({ operationName: 'Start', query: 'query List { jobs { totalCount } }' });
    const headers = JSON.stringify({ 'content-type': 'application/json' });
    const answer = `fetch('/graphql', { method: 'POST', headers: ${headers}, body: ${JSON.stringify(body)} }).then((it) => it.json())`;
    expect(await page.evaluate(answer)).toEqual({ data: { jobs: { totalCount: 1 } } });
  });

  test('a new user starts, watches, stops and inspects a training with the samples alone, and goes back to the page', async () => {
    await using server = await startTestServer();
    const { page, consoleErrors } = await openPage(browser(), `${server.url}/graphql`);
    await run(page);
    await expect.poll(() => result(page), { timeout: 30_000 }).toMatch(/"id": "job_/);
    const id = /"id": "(job_\w+)"/.exec(await result(page))?.[1] ?? '';
    // A later job of another user is not the one of this tab.
    const { id: other } = await startTraining(server.url, { backend: 'SIMULATION', epochs: 1 });

    await openTab(page, 'Watch');
    await runFor(page, /"status": "RUNNING"/);
    await stop(page);
    await openTab(page, 'Stop');
    await runFor(page, new RegExp(`"id": "${id}",\\s*"status": "STOP`));
    await openTab(page, 'Inspect');
    await runFor(page, new RegExp(`"id": "${id}"`));
    expect(await result(page)).not.toContain(other);
    await screenshot(page, 'graphiql-samples');
    expect(consoleErrors).toEqual([]);

    await page.getByRole('link', { name: 'Back to the jobs' }).click();
    await page.getByRole('link', { name: 'first try' }).waitFor();
  });

  test('on a server with tokens it asks for one once, reports a wrong one, and shares the token with the page', async () => {
    const file = join(temporaryHome(), 'tokens');
    writeFileSync(file, `ada ${createHash('sha256').update('open-sesame').digest('hex')}\n`);
    await using server = await startTestServer({ environment: { TRAINYARD_TOKENS_FILE: file } });
    const { page } = await openPage(browser(), `${server.url}/graphql`);
    const pageErrors: string[] = [];
    page.on('pageerror', (error) => pageErrors.push(String(error)));
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Access token').fill('wrong');
    await dialog.getByRole('button', { name: 'Sign in' }).click();
    await dialog.getByText('The server does not accept this token.').waitFor();
    expect(await dialog.count()).toBe(1);
    await dialog.getByLabel('Access token').fill('open-sesame');
    await dialog.getByRole('button', { name: 'Sign in' }).click();
    await dialog.waitFor({ state: 'detached' });
    await openTab(page, 'List');
    await runFor(page, /"totalCount": 0/);

    // Neither the page in the same tab nor GraphiQL in another one asks again.
    await page.getByRole('link', { name: 'Back to the jobs' }).click();
    await page.getByText('No jobs yet').waitFor();
    const second = await page.context().newPage();
    await second.goto(`${server.url}/graphql`);
    await openTab(second, 'List');
    await runFor(second, /"totalCount": 0/);
    const third = await page.context().newPage();
    await third.goto(server.url);
    await third.getByText('No jobs yet').waitFor();
    expect(pageErrors).toEqual([]);
  });
});
