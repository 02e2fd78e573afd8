import { expect, test } from 'vitest';
import { send, startTraining } from '../support/api-client.ts';
import { startTestServer } from '../support/server-process.ts';
import { describeInBrowser, openPage } from './support.ts';

describeInBrowser('a job that waits for another one', (browser) => {
  test('shows its group and the reason why it waits, or why it can never start', async () => {
    await using server = await startTestServer();
    const { url } = server;
    const { id: first } = await startTraining(url, { backend: 'SIMULATION', epochs: 100_000 });
    const input = { backend: 'SIMULATION', group: 'night', dependsOn: [{ id: first }] };
    const { id } = await startTraining(url, input);
    const { page, consoleErrors } = await openPage(browser(), `${url}/jobs/${id}`);
    await page.getByText('night', { exact: true }).waitFor();
    await page.getByText(`Waits for ${first} to complete.`).waitFor();
    await send(url, 'mutation ($id: ID!) { stopTraining(input: { id: $id, graceSeconds: 1 }) { __typename } }', {
      id: first,
    });
    await page.getByText(`Job ${first} had to complete first, and it ended as STOPPED.`).waitFor();
    await page.getByRole('list', { name: 'Starts after' }).getByRole('link', { name: first }).click();
    await page.getByRole('heading', { level: 1, name: first }).waitFor();
    expect(consoleErrors).toEqual([]);
  });

  test('is started from the form, after a job that has not ended, in a group, at a time', async () => {
    await using server = await startTestServer();
    const { url } = server;
    const { id: first } = await startTraining(url, { backend: 'SIMULATION', epochs: 100_000, name: 'prepare' });
    const { page, consoleErrors } = await openPage(browser(), `${url}/start`);
    await page.getByText('Limits and resources').click();
    await page.getByLabel('Backend').selectOption({ label: 'Simulation (no real training, no model)' });
    // This server has no cluster, so there is nothing to choose.
    expect(await page.getByLabel('Partition').count()).toBe(0);
    await page.getByText('Queue', { exact: true }).last().click();
    await page.getByLabel('Queue group').fill('night');
    await page.getByLabel('Not before').fill('2100-01-01T06:30');
    await page.getByRole('button', { name: 'Add a job' }).click();
    await page.getByLabel('Job to wait for').selectOption({ value: first });
    await page.getByLabel('Condition').selectOption({ label: 'ends' });
    await page.getByRole('button', { name: 'Start training' }).click();
    const after = page.getByRole('list', { name: 'Starts after' });
    await after.getByText('prepare ends').waitFor();
    const id = page.url().split('/').at(-1);
    const { data } = await send(url, 'query ($id: ID!) { job(id: $id) { group notBefore dependsOn { id when } } }', {
      id,
    });
    const notBefore = await page.evaluate<string>('new Date(2100, 0, 1, 6, 30).toISOString()');
    expect(data).toEqual({ job: { group: 'night', notBefore, dependsOn: [{ id: first, when: 'AFTER_END' }] } });
    // The list shows the jobs of the group.
    await page.getByRole('link', { name: 'night' }).click();
    await page.getByRole('button', { name: 'Remove the filter for the group night' }).waitFor();
    await page.locator('.job-rows').getByRole('link').first().waitFor();
    expect(await page.getByRole('link', { name: 'prepare' }).count()).toBe(0);
    expect(consoleErrors).toEqual([]);
  });
});
