import { expect, test } from 'vitest';
import { readJob, startTraining } from '../support/api-client.ts';
import { startTestServer } from '../support/server-process.ts';
import { until } from '../support/until.ts';
import { describeInBrowser, openPage, screenshot } from './support.ts';

describeInBrowser('a user', (browser) => {
  test('with the keyboard alone selects two jobs, compares them, opens one, and comes back to its row', async () => {
    await using server = await startTestServer();
    for (const name of ['first', 'second', 'third']) {
      const { id } = await startTraining(server.url, { backend: 'SIMULATION', epochs: 1, name });
      await until('it has ended', async () => (await readJob(server.url, id)).status === 'COMPLETED');
    }
    const { page } = await openPage(browser(), server.url);
    await page.getByRole('link', { name: 'third' }).waitFor();
    const focused = () => page.evaluate<string>('document.activeElement.textContent');
    await page.keyboard.press('?');
    await page.getByRole('dialog').getByText('Select the focused job').waitFor();
    await screenshot(page, 'keys', { fullPage: false });
    await page.keyboard.press('Escape');
    await page.evaluate('document.activeElement.blur()');

    await page.keyboard.press('ArrowDown');
    expect(await focused()).toBe('third');
    await page.keyboard.press('Space');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Space');
    await page.getByText('2 jobs selected').waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'first' }).waitFor();
    await page.goBack();
    await expect.poll(focused).toBe('first');
    await page.keyboard.press('c');
    await page.getByRole('heading', { level: 1, name: 'Compare' }).waitFor();
  });

  test('with a phone sees every tab, distinguishes unnamed jobs, and reads each value of a comparison', async () => {
    await using server = await startTestServer();
    const ids: string[] = [];
    for (const hidden of [[16], [32]]) {
      const { id } = await startTraining(server.url, { backend: 'SIMULATION', epochs: 3, options: { hidden } });
      await until('it has ended', async () => (await readJob(server.url, id)).status === 'COMPLETED');
      ids.push(id);
    }
    const { page } = await openPage(browser(), server.url, { viewport: { width: 360, height: 740 } });
    const isInView = async (text: string) => {
      const box = await page.getByText(text, { exact: true }).first().boundingBox();
      return box !== null && box.x >= 0 && box.x + box.width <= 360;
    };
    for (const id of ids) {
      const end = id.slice(id.lastIndexOf('_') + 1);
      await page.getByText(end, { exact: true }).waitFor();
      expect(await isInView(end)).toBe(true);
    }
    const tab = await page.getByRole('link', { name: /^Failed/ }).boundingBox();
    expect((tab?.x ?? 999) + (tab?.width ?? 999)).toBeLessThanOrEqual(360);
    await screenshot(page, 'phone-list', { fullPage: false });
    await page.goto(`${server.url}/compare?jobs=${ids.join(',')}`);
    await page
      .getByText('[32]', { exact: true })
      .or(page.getByText('32', { exact: true }))
      .first()
      .waitFor();
    for (const label of ['Loss', 'Validation', 'hidden']) {
      const cell = await page.locator(`td[data-label="${label}"]`).first().boundingBox();
      expect((cell?.x ?? 999) + (cell?.width ?? 999), label).toBeLessThanOrEqual(360);
    }
    await screenshot(page, 'phone-compare');
  });
});
