import { expect, test } from 'vitest';
import { startTraining } from '../support/api-client.ts';
import { recordEndedJobs } from '../support/fleet-home.ts';
import { temporaryHome } from '../support/home.ts';
import { endJobs, startTestServer, type TestServer } from '../support/server-process.ts';
import { until } from '../support/until.ts';
import { readJob } from '../support/api-client.ts';
import { describeInBrowser, openPage, screenshot, violations, WIDTHS } from './support.ts';

interface TestPage {
  readonly name: string;
  readonly path: string;
  /** Text that appears when the page has finished loading. */
  readonly landmark: RegExp;
}

/** Every page, with content. */
async function testPages(server: TestServer, failed: string): Promise<TestPage[]> {
  const { id: running } = await startTraining(server.url, { backend: 'SIMULATION', epochs: 100_000, tags: ['a tag'] });
  const { id: ended } = await startTraining(server.url, { backend: 'SIMULATION', epochs: 20, name: 'ended' });
  await until('the short job has ended', async () => (await readJob(server.url, ended)).status === 'COMPLETED');
  return [
    { name: 'list', path: '/', landmark: /epoch [1-9]/ },
    { name: 'list-empty', path: '/?q=nothing-is-called-this', landmark: /No job matches/ },
    { name: 'list-outdated', path: '/?sort=progress', landmark: /Sort again/ },
    { name: 'job-running', path: `/jobs/${running}`, landmark: /epoch [1-9]/ },
    { name: 'job-ended', path: `/jobs/${ended}`, landmark: /Train longer/ },
    { name: 'job-failed', path: `/jobs/${failed}`, landmark: /Out of memory/ },
    { name: 'start', path: '/start', landmark: /Based on all/ },
    { name: 'data', path: '/data', landmark: /Based on all/ },
    { name: 'compare', path: `/compare?jobs=${running},${ended}`, landmark: /val_loss/ },
    { name: 'not-found', path: '/no/such/page', landmark: /Page not found/ },
  ];
}

describeInBrowser('every page', (browser) => {
  test('is accessible to screen readers, has enough contrast in both themes, and fits on a phone', async () => {
    const home = temporaryHome();
    const [, , , , , failed = ''] = recordEndedJobs(home, 30);
    await using server = await startTestServer({ home });
    const found: string[] = [];
    for (const { name, path, landmark } of await testPages(server, failed)) {
      for (const colorScheme of ['light', 'dark'] as const) {
        const { page, consoleErrors } = await openPage(browser(), `${server.url}${path}`, { colorScheme });
        await page.getByText(landmark).first().waitFor();
        await page.getByText('Live', { exact: true }).waitFor();
        for (const line of await violations(page)) found.push(`${name} ${colorScheme}: ${line}`);
        for (const width of WIDTHS) {
          await page.setViewportSize({ width, height: 900 });
          // A screenshot waits for the layout, so the measurement below sees the final one.
          await screenshot(page, `${name}-${colorScheme}-${width}`, { fullPage: !name.startsWith('list') });
          const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
          if (overflow > 0) found.push(`${name} is ${overflow} pixels wider than a screen of ${width}`);
        }
        found.push(...consoleErrors.map((line) => `${name} ${colorScheme}: ${line}`));
        await page.context().close();
      }
    }
    await endJobs(home);
    expect(found).toEqual([]);
    // Ten pages in two themes and three widths: a bound against hanging.
  }, 600_000);

  test('follows the theme of the system, and stores the chosen one', async () => {
    await using server = await startTestServer();
    const { page } = await openPage(browser(), server.url, { colorScheme: 'dark' });
    const ground = () => page.evaluate<string>('getComputedStyle(document.documentElement).backgroundColor');
    const dark = await ground();
    await page.getByRole('button', { name: 'Use the light theme' }).click();
    const light = await ground();
    expect(light).not.toBe(dark);
    await page.reload();
    await page.getByRole('button', { name: 'Use the dark theme' }).waitFor();
    expect(await ground()).toBe(light);
    await page.getByRole('button', { name: 'Use the dark theme' }).click();
    expect(await ground()).toBe(dark);
    // When the choice equals the system's theme, the page follows the system again.
    await page.emulateMedia({ colorScheme: 'light' });
    expect(await ground()).toBe(light);
  });
});
