import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { send, startTraining } from '../support/api-client.ts';
import { startTestServer } from '../support/server-process.ts';
import { describeInBrowser, openPage, screenshot, violations, WIDTHS } from './support.ts';

const list = (page: Page) => page.getByRole('list', { name: 'Waiting jobs in order' });
const order = async (page: Page) => (await list(page).locator('.queue-what > a').allTextContents()).join(' ');

/** The names of the waiting jobs in order, as the server has them. */
async function serverOrder(url: string): Promise<string> {
  const { data } = await send<{ jobs: { edges: { node: { name: string } }[] } }>(
    url,
    '{ jobs(filter: { status: [QUEUED] }, orderBy: { field: QUEUE_POSITION, direction: ASC }) { edges { node { name } } } }',
  );
  return data?.jobs.edges.map(({ node }) => node.name).join(' ') ?? '';
}

describeInBrowser('a user with waiting jobs', (browser) => {
  test('sees what each waits for, and moves jobs with the mouse, the keyboard and buttons', async () => {
    await using server = await startTestServer({ environment: { TRAINYARD_MAX_RUNNING: '1' } });
    const { url } = server;
    await send(url, 'mutation { pauseQueue { __typename } }');
    const start = (name: string, more = {}) => startTraining(url, { backend: 'SIMULATION', epochs: 1, name, ...more });
    const { id: first } = await start('one');
    await start('two', { group: 'night' });
    await start('three', { dependsOn: [{ id: first, when: 'AFTER_END' }] });
    await start('four', { notBefore: '2100-01-01T12:00:00Z' });
    const { page, consoleErrors } = await openPage(browser(), url);
    await page.getByRole('link', { name: 'Queue', exact: true }).click();
    await page.getByText('4 waiting, 0 of 1 slots in use.').waitFor();
    await list(page).getByText(`Waits for ${first} to end.`).waitFor();
    await list(page).getByText('Starts not before 1 Jan 2100').waitFor();
    expect(await order(page)).toBe('one two three four');

    const row = (name: string) =>
      list(page)
        .getByRole('listitem')
        .filter({ has: page.getByRole('link', { name }) });
    await row('four').dragTo(row('one'), { targetPosition: { x: 200, y: 4 } });
    await expect.poll(() => serverOrder(url)).toBe('four one two three');
    expect(await order(page)).toBe('four one two three');

    // One move at a time: a key does nothing until the server has answered the move before.
    await page.getByRole('status').getByText('four moved.').waitFor();
    await page.getByRole('link', { name: 'three', exact: true }).focus();
    await page.keyboard.press('Alt+ArrowUp');
    await expect.poll(() => serverOrder(url)).toBe('four one three two');
    await page.getByRole('status').getByText('three moved.').waitFor();
    expect(await page.evaluate<string>('document.activeElement.textContent')).toBe('three');
    await page.getByRole('button', { name: 'Move two to the front' }).click();
    await expect.poll(() => serverOrder(url)).toBe('two four one three');

    // The page shows a job of another user without a reload.
    await start('five');
    await list(page).getByRole('link', { name: 'five' }).waitFor();
    await page.getByRole('button', { name: 'Unpause queue' }).click();
    await page.getByRole('button', { name: 'Pause queue' }).waitFor();
    await expect.poll(() => order(page), { timeout: 60_000 }).toBe('four');
    expect(consoleErrors).toEqual([]);
  });

  test('limits and pauses a group, and lists only its jobs, also on a phone', async () => {
    await using server = await startTestServer();
    const { url } = server;
    await send(url, 'mutation { pauseQueue { __typename } }');
    for (const [name, group] of [
      ['left', 'night'],
      ['right', 'night'],
      ['other', null],
    ]) {
      await startTraining(url, { backend: 'SIMULATION', epochs: 1, name, group });
    }
    const { page, consoleErrors } = await openPage(browser(), `${url}/queue`);
    const group = page.getByRole('listitem', { name: 'Group night' });
    await group.getByText('2 waiting, 0 running').waitFor();
    await group.getByLabel('Limit of the group night').fill('1');
    await group.getByRole('button', { name: 'Set the limit of the group night' }).click();
    await group.getByText('2 waiting, 0 of 1 running').waitFor();
    await group.getByRole('button', { name: 'Pause the group night' }).click();
    await group.getByText('2 waiting, 0 of 1 running, paused').waitFor();
    await page.getByLabel('Group', { exact: true }).selectOption('night');
    await expect.poll(() => order(page)).toBe('left right');
    await page.reload();
    await expect.poll(() => order(page)).toBe('left right');
    await page.getByRole('button', { name: 'Move left down' }).click();
    await expect.poll(() => serverOrder(url)).toBe('right left other');
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: 900 });
        await screenshot(page, `queue-${colorScheme}-${width}`);
        expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
      }
      expect(await violations(page)).toEqual([]);
    }
    expect(consoleErrors).toEqual([]);
  });
});
