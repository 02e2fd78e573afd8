import { expect, test } from 'vitest';
import { send, startTraining } from '../support/api-client.ts';
import { startCuttingProxy } from '../support/cutting-proxy.ts';
import { temporaryHome } from '../support/home.ts';
import { endJobs, startTestServer } from '../support/server-process.ts';
import { describeInBrowser, openPage, screenshot } from './support.ts';

const SIMULATION = { backend: 'SIMULATION', epochs: 100_000 };

describeInBrowser('a page that loses its connection', (browser) => {
  test('shows a notice at once, keeps its content, and catches up when the server is back', async () => {
    const home = temporaryHome();
    const first = await startTestServer({ home });
    const { id } = await startTraining(first.url, { ...SIMULATION, name: 'long run' });
    const { page } = await openPage(browser(), first.url);
    const row = page.getByRole('row').filter({ hasText: 'long run' });
    await row.getByText(/epoch [1-9]/).waitFor();

    await first.end('SIGKILL');
    await page.getByText('Connection lost.').waitFor();
    await row.getByText('Running', { exact: true }).waitFor();
    await screenshot(page, 'connection-lost');
    const requests: string[] = [];
    page.on('request', (request) => requests.push(request.postData() ?? request.url()));

    await using second = await startTestServer({ home, port: first.port });
    await send(second.url, `mutation { updateJob(input: { id: "${id}", name: "renamed meanwhile" }) { __typename } }`);
    await page.getByText('renamed meanwhile').waitFor();
    await expect.poll(() => page.getByText('Connection lost.').count()).toBe(0);
    // The feed resumes at its cursor: the page loads no list again.
    expect(requests.filter((request) => request.includes('PageOfJobs'))).toEqual([]);
    await endJobs(home);
  });

  test('resumes after a broken connection, on the list and on the page of a job', async () => {
    await using server = await startTestServer();
    await using proxy = await startCuttingProxy(server.port);
    await startTraining(server.url, { ...SIMULATION, name: 'the first' });
    const { page } = await openPage(browser(), proxy.url);
    await page.getByRole('link', { name: 'the first' }).waitFor();
    expect(proxy.cut()).toBeGreaterThan(0);
    await startTraining(server.url, { ...SIMULATION, name: 'the second' });
    await page.getByRole('link', { name: 'the second' }).click();
    const chart = page.getByRole('img', { name: /^loss over steps\. .* at step / });
    const label = () => chart.getAttribute('aria-label');
    const before = await label();
    expect(proxy.cut()).toBeGreaterThan(0);
    await expect.poll(label, { timeout: 30_000 }).not.toBe(before);
    await page.getByText('Live', { exact: true }).waitFor();
  });

  test('detects within 20 seconds that its connection has died without being closed, and catches up', async () => {
    await using server = await startTestServer();
    await using proxy = await startCuttingProxy(server.port);
    const { id } = await startTraining(server.url, { ...SIMULATION, name: 'the first' });
    const { page } = await openPage(browser(), proxy.url);
    await page.getByRole('link', { name: 'the first' }).waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
    expect(proxy.silence()).toBeGreaterThan(0);
    await send(server.url, `mutation { updateJob(input: { id: "${id}", name: "renamed meanwhile" }) { __typename } }`);
    // As much again for the new connection and the page on a busy machine.
    await page.getByText('renamed meanwhile').waitFor({ timeout: 40_000 });
  });

  test('sends no request while nothing changes', async () => {
    await using server = await startTestServer();
    const { page } = await openPage(browser(), server.url);
    await page.getByText('No jobs yet').waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
    const requests: string[] = [];
    page.on('request', (request) => requests.push(request.url()));
    // Longer than every timer of the page.
    await page.waitForTimeout(12_000);
    expect(requests).toEqual([]);
  });
});
