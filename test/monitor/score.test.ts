import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readJob, startTraining } from '../support/api-client.ts';
import { startTestServer } from '../support/server-process.ts';
import { HAS_TORCH } from '../support/torch.ts';
import { until } from '../support/until.ts';
import { describeInBrowser, openPage, screenshot, violations, WIDTHS } from './support.ts';

/** A table of houses whose price depends on size and district, and one of animals in which the last column says nothing. */
const houses = `size,floor,price\n${Array.from({ length: 400 }, (_, n) => `${40 + ((n * 37) % 160)},${n % 7},${(40 + ((n * 37) % 160)) * 2000 + ((n * 7919) % 9000)}`).join('\n')}\n`;
const animals = `legs,weight,animal\n${Array.from({ length: 300 }, (_, n) => `${n % 2 ? 4 : 2},${((n * 31) % 50) / 10},${['bird', 'cat'][n % 2]}`).join('\n')}\n`;
const noise = `a,b\n${Array.from({ length: 300 }, (_, n) => `${((n * 7919) % 997) / 997},${((n * n * 104_729) % 991) / 991}`).join('\n')}\n`;

describeInBrowser('the score of a model', (browser) => {
  test.skipIf(!HAS_TORCH)(
    'is shown with its baseline, the data that it was measured on, and the epoch',
    { timeout: 180_000 },
    async () => {
      await using server = await startTestServer({ environment: { TRAINYARD_MAX_RUNNING: '3' } });
      const ids: Record<string, string> = {};
      for (const [name, table] of Object.entries({ houses, animals, noise })) {
        writeFileSync(join(server.home, 'datasets', `${name}.csv`), table);
        const input = { dataset: `${name}.csv`, name, backend: 'TORCH', epochs: 60, options: { log_every: 0 } };
        ids[name] = (await startTraining(server.url, input)).id;
      }
      await until('all are trained', async () => {
        const jobs = await Promise.all(Object.values(ids).map((id) => readJob(server.url, id)));
        return jobs.every(({ status }) => status === 'COMPLETED');
      });

      const { page, consoleErrors } = await openPage(browser(), `${server.url}/?sort=score`, {
        viewport: { width: 1280, height: 900 },
      });
      const rows = page.getByRole('row').filter({ has: page.getByRole('link') });
      await rows.nth(2).waitFor();
      // Accuracy 1 before R² of almost 1 before R² of about 0: the order is that of the numbers that are shown.
      expect(await rows.getByRole('link').allTextContents()).toEqual(['animals', 'houses', 'noise']);
      const cells = await rows.locator('.job-score').allTextContents();
      expect(cells[0]).toMatch(/^1baseline 0\.5Accuracy, test$/);
      expect(cells[1]).toMatch(/^0\.99\d*baseline 0R², test$/);
      expect(cells[2]).toMatch(/(≈|below) baseline -?0(\.0\d*)?R², test$/);
      await screenshot(page, 'score-list');
      // On a phone nothing covers the progress.
      await page.setViewportSize({ width: 360, height: 740 });
      await screenshot(page, 'score-list-phone', { fullPage: false });
      const progress = await rows.nth(1).locator('.job-progress').boundingBox();
      for (const part of ['.score-line', '.job-score > .job-sub']) {
        const box = await rows.nth(1).locator(part).boundingBox();
        expect(box?.x, part).toBeGreaterThanOrEqual((progress?.x ?? 0) + (progress?.width ?? 0));
        expect((box?.x ?? 999) + (box?.width ?? 999), part).toBeLessThanOrEqual(360);
      }
      await page.setViewportSize({ width: 1280, height: 900 });

      await page.goto(`${server.url}/jobs/${ids['houses']}`);
      const card = page.getByRole('region', { name: 'R²' });
      await card.getByRole('heading', { name: 'Predicted against actual' }).waitFor();
      const text = await card.innerText();
      expect(text).toMatch(/0\.99\d*\s+always predicting the mean: -?0/);
      expect(text).toMatch(/Measured on 80 held-out test rows\./);
      const epoch = /The model is that of epoch (\d+), which has the lowest val_loss\./.exec(text)?.[1];
      // The curves load on their own.
      await page.getByText(`┊ chosen: epoch ${epoch}`).first().waitFor();
      expect(await card.getByRole('row', { name: /^RMSE [\d,]+/ }).count()).toBe(1);
      expect(await card.getByRole('listitem').first().innerText()).toMatch(/^size/);
      await screenshot(page, 'score-houses');
      expect(await violations(page)).toEqual([]);

      await page.goto(`${server.url}/jobs/${ids['animals']}`);
      await page.getByRole('region', { name: 'Confusion matrix' }).waitFor();
      expect(await page.getByRole('region', { name: 'Confusion matrix' }).getByRole('row').nth(1).innerText()).toMatch(
        /^bird\s+30\s+0$/,
      );
      await screenshot(page, 'score-animals');

      await page.goto(`${server.url}/jobs/${ids['noise']}`);
      await page
        .getByRole('paragraph')
        .getByText(/^The model is (hardly better|worse) than always predicting the mean\./)
        .waitFor();
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: 900 });
        await screenshot(page, `score-noise-${width}`);
        expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
      }

      await page.setViewportSize({ width: 1280, height: 900 });
      await page.goto(`${server.url}/compare?jobs=${Object.values(ids).join(',')}`);
      await page.getByRole('cell', { name: /Accuracy, test/ }).waitFor();
      await screenshot(page, 'score-compare');
      expect(consoleErrors).toEqual([]);
    },
  );
});
