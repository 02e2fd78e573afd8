import { expect, test } from 'vitest';
import { readJob, startTraining } from '../support/api-client.ts';
import { startTestServer } from '../support/server-process.ts';
import { until } from '../support/until.ts';
import { describeInBrowser, openPage, picture } from './support.ts';

describeInBrowser('the curves of a job', (browser) => {
  test('are smoothed, put on a logarithmic scale, and zoomed into by dragging and by typing', async () => {
    await using server = await startTestServer({ environment: { TRAINYARD_SIMULATION_STEP_SECONDS: '0.0001' } });
    const { id } = await startTraining(server.url, { backend: 'SIMULATION', epochs: 5000 });
    await until('it has ended', async () => (await readJob(server.url, id)).status === 'COMPLETED');
    const { page, complaints } = await openPage(browser(), `${server.url}/jobs/${id}`);
    const chart = page.getByRole('img', { name: /^loss over steps/ });
    await chart.waitFor();
    await page.getByLabel('Smoothing').fill('0.9');
    await page.getByLabel('Log scale').check();
    await picture(page, 'curves-smooth-log');

    const box = await chart.boundingBox();
    if (!box) throw new Error('the chart has no place');
    const [middle, y] = [box.x + box.width / 2, box.y + box.height / 2];
    // More of the history is asked for than the whole plot had room for.
    const [request] = await Promise.all([
      page.waitForRequest((asked) => asked.postData()?.includes('CurvesOfJob') === true),
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
    await picture(page, 'curves-zoomed');

    await page.getByLabel('To step').fill('4000');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Show all' }).click();
    expect(await page.getByLabel('From step').inputValue()).toBe('0');
    expect(complaints).toEqual([]);
  });
});
