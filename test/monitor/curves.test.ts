import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readJob, startTraining } from '../support/api-client.ts';
import { startTestServer } from '../support/server-process.ts';
import { serveScript } from '../support/serve-script.ts';
import { until } from '../support/until.ts';
import { describeInBrowser, openPage, screenshot } from './support.ts';

describeInBrowser('the curves of a job', (browser) => {
  test('can be smoothed, shown on a logarithmic scale, and zoomed by dragging and by typing', async () => {
    await using server = await startTestServer({ environment: { TRAINYARD_SIMULATION_STEP_SECONDS: '0.0001' } });
    const { id } = await startTraining(server.url, { backend: 'SIMULATION', epochs: 5000 });
    await until('the job has ended', async () => (await readJob(server.url, id)).status === 'COMPLETED');
    const { page, consoleErrors } = await openPage(browser(), `${server.url}/jobs/${id}`);
    const chart = page.getByRole('img', { name: /^loss over steps/ });
    await chart.waitFor();
    await page.getByLabel('Smoothing').fill('0.9');
    await page.getByLabel('Log scale').check();
    await screenshot(page, 'curves-smooth-log');

    const box = await chart.boundingBox();
    if (!box) throw new Error('the chart has no bounding box');
    const [middle, y] = [box.x + box.width / 2, box.y + box.height / 2];
    // Zooming loads the range at a higher resolution.
    const [request] = await Promise.all([
      page.waitForRequest((sent) => sent.postData()?.includes('CurvesOfJob') === true),
      (async () => {
        await page.mouse.move(middle, y);
        await page.mouse.down();
        await page.mouse.move(middle + 60, y, { steps: 5 });
        await page.mouse.up();
      })(),
    ]);
    const { variables } = request.postDataJSON() as { variables: { fromStep: number; toStep: number } };
    expect(variables.fromStep).toBeGreaterThan(1000);
    expect(variables.toStep).toBeLessThan(5000);
    expect(await page.getByLabel('From step').inputValue()).toBe(String(variables.fromStep));
    await screenshot(page, 'curves-zoomed');

    await page.getByLabel('To step').fill('4000');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Show all' }).click();
    expect(await page.getByLabel('From step').inputValue()).toBe('0');
    expect(consoleErrors).toEqual([]);
  });

  test('whose steps go back are drawn over time, and values that are not finite are named', async () => {
    const { url, id } = await serveScript(`
from trainyard import Reporter
with Reporter.from_environment() as report:
    for epoch in (1, 2):
        for step in range(1, 9):
            report.log({"loss": 1 / step, "grad": float("inf") if epoch == 2 and step > 6 else step}, step=step, epoch=epoch)
    report.log({"ratio": float("nan")}, step=8)
`);
    await until('the job has ended', async () => (await readJob(url, id)).status === 'COMPLETED');
    const { page, consoleErrors } = await openPage(browser(), `${url}/jobs/${id}`);
    await page.getByRole('img', { name: /^loss over time\. loss: 0\.125 at step 8, from 0\.125 to 1$/ }).waitFor();
    await page.getByRole('img', { name: /^grad over time\. .* 2 values are not finite, the last one ∞$/ }).waitFor();
    await page
      .getByRole('img', {
        name: /^ratio over steps\. ratio: no finite values; 1 value is not finite, the last one NaN$/,
      })
      .waitFor();
    const legend = page.locator('figure', { hasText: 'grad' }).locator('.legend-value');
    expect(await legend.textContent()).toBe('∞');
    await page.getByRole('img', { name: /^loss over time/ }).hover();
    await page.locator('.legend-step', { hasText: /^\d+\.\d s$/ }).waitFor();
    await screenshot(page, 'curves-over-time');
    expect(consoleErrors).toEqual([]);
  });

  test('whose steps go back while the page is open continues without a reload', async () => {
    const { url, home, id } = await serveScript(`
import os, time
from trainyard import Reporter

def train(epoch, last):
    while not os.path.exists(os.path.join(os.environ["TRAINYARD_HOME"], f"go-{epoch}")):
        time.sleep(0.02)
    for step in range(1, last + 1):
        report.log({"loss": 1 / (10 * epoch + step)}, step=step, epoch=epoch)

with Reporter.from_environment() as report:
    report.begin(epochs=3)
    train(1, 8)
    train(2, 5)
    train(3, 9)
    train(4, 0)
`);
    const { page, consoleErrors } = await openPage(browser(), `${url}/jobs/${id}`);
    const go = (epoch: number) => writeFileSync(join(home, `go-${epoch}`), '');
    const summary = () => page.getByRole('img', { name: /^loss over/ }).getAttribute('aria-label');
    const shows = (text: string) => expect.poll(summary, { timeout: 60_000 }).toBe(text);
    go(1);
    await shows('loss over steps. loss: 0.05556 at step 8, from 0.05556 to 0.09091');
    go(2);
    await shows('loss over time. loss: 0.04 at step 5, from 0.04 to 0.09091');
    go(3);
    await shows('loss over time. loss: 0.02564 at step 9, from 0.02564 to 0.09091');
    expect((await readJob(url, id)).status).toBe('RUNNING');
    go(4);
    await until('the job has ended', async () => (await readJob(url, id)).status === 'COMPLETED');
    await shows('loss over time. loss: 0.02564 at step 9, from 0.02564 to 0.09091');
    expect(consoleErrors).toEqual([]);
  });
});
