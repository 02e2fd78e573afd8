import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { readJob } from '../support/api-client.ts';
import { serveScript } from '../support/serve-script.ts';
import { until } from '../support/until.ts';
import { describeInBrowser, openPage, screenshot, stepShown, violations } from './support.ts';

/** More than a screen has space for, with a margin; far fewer than the job has metrics. */
const DRAWN = 40;

const scriptOf = (end: string) => `
import itertools, math, time
from trainyard import Reporter

names = ["loss", "val_loss", "eval/bleu", "system/cpu", *(f"grads/layer{i}" for i in range(996))]
with Reporter.from_environment() as report:
    for step in ${end}:
        report.log({name: math.sin(step + place) for place, name in enumerate(names)}, step=step)
        if step > 3:
            time.sleep(0.2)
`;

const chart = (page: Page, title: string) => page.getByRole('img', { name: new RegExp(`^${title} over steps`) });

/** The names of metrics that the page requests. */
function requestedNames(page: Page): Set<string> {
  const requested = new Set<string>();
  page.on('request', (request) => {
    if (request.postData()?.includes('CurvesOfJob') !== true) return;
    const { variables } = request.postDataJSON() as { variables: { names: readonly string[] } };
    for (const name of variables.names) requested.add(name);
  });
  return requested;
}

describeInBrowser('a job with 1,000 metrics', (browser) => {
  test('draws and loads only the charts in view, also those that the status has no space for', async () => {
    const { url, id } = await serveScript(scriptOf('range(1, 4)'));
    await until('the job has ended', async () => (await readJob(url, id)).status === 'COMPLETED');
    const { page, consoleErrors } = await openPage(browser(), 'about:blank');
    const requested = requestedNames(page);
    await page.goto(`${url}/jobs/${id}`);
    await chart(page, 'loss').waitFor();
    await chart(page, 'eval/bleu').waitFor();
    await page.getByText('999 charts').waitFor();
    // The sections grads/ and system/ are closed.
    expect(requested).toEqual(new Set(['loss', 'val_loss', 'eval/bleu']));
    await screenshot(page, 'many-metrics');
    expect(await violations(page)).toEqual([]);

    await page.getByRole('button', { name: 'grads/ 996' }).click();
    await chart(page, 'grads/layer0').waitFor();
    expect(await page.locator('.chart-place').count()).toBe(62);
    expect(await page.locator('canvas').count()).toBeLessThan(DRAWN);
    await page.getByRole('button', { name: 'Show 60 more of 936 charts' }).click();
    await page.getByRole('heading', { name: 'grads/layer119', exact: true }).scrollIntoViewIfNeeded();
    await chart(page, 'grads/layer119').waitFor();
    expect(await page.locator('canvas').count()).toBeLessThan(DRAWN);
    expect(requested.size).toBeLessThan(2 * DRAWN);
    // A chart out of view is not drawn any more.
    await expect.poll(() => chart(page, 'loss').count()).toBe(0);

    // The status of a job has 500 names, the history all of them.
    await page.getByLabel('Search metrics').fill('LAYER995');
    await chart(page, 'grads/layer995').waitFor();
    await page.getByText('1 of 999 charts').waitFor();
    await page.getByLabel('Search metrics').fill('no such metric');
    await page.getByText('0 of 999 charts').waitFor();
    await page.getByLabel('Search metrics').fill('');
    await chart(page, 'loss').waitFor();
    expect(consoleErrors).toEqual([]);
  });

  test('keeps the charts in view current while it runs', async () => {
    const { url, id } = await serveScript(scriptOf('itertools.count(1)'));
    const { page, consoleErrors } = await openPage(browser(), `${url}/jobs/${id}`);
    const lastStep = (title: string) => stepShown(chart(page, title));
    // A chart is drawn before it has values.
    const firstStep = (title: string) => until(`${title} has values`, () => lastStep(title));
    await page.getByLabel('Search metrics').fill('layer995');
    const first = await firstStep('grads/layer995');
    await expect.poll(() => lastStep('grads/layer995')).toBeGreaterThan(first);
    await page.getByLabel('Search metrics').fill('loss');
    const loss = await firstStep('loss');
    await expect.poll(() => lastStep('loss')).toBeGreaterThan(loss);
    expect(await page.locator('canvas').count()).toBeLessThan(DRAWN);
    expect(consoleErrors).toEqual([]);
  });
});
