/**
 * Whether the page of a job with many metrics stays smooth: a real script that reports 1,000 metrics 5 times a second, in headless
 * Chromium. `node bench/many-metrics.ts [NAMES] [SECONDS]`; needs Python, Chromium and a built page.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { readJob, startTraining } from '../test/support/api-client.ts';
import { launchChromium } from '../test/support/browser.ts';
import { startTestServer } from '../test/support/server-process.ts';
import { until } from '../test/support/until.ts';

const NAMES = Number(process.argv[2] ?? 1000);
const SECONDS = Number(process.argv[3] ?? 10);

const SCRIPT = `
import math, time
from trainyard import Reporter

names = ["train/loss", "eval/loss", "eval/accuracy", "system/cpu", "system/memory"]
names += [f"{('grads', 'weights')[i % 2]}/layer{i // 2}" for i in range(${NAMES} - len(names))]
with Reporter.from_environment() as report:
    for step in range(1, 1_000_000):
        report.log({name: math.sin(step / 50 + place) for place, name in enumerate(names)}, step=step)
        if step > 300:
            time.sleep(0.2)
`;

/** Records from the first moment of the page: how long its tasks take, and when a click would be answered for the first time. */
const RECORD = `
  window.tasks = [];
  new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ startTime, duration }) => ({ startTime, duration })))).observe({ entryTypes: ['longtask'] });
`;

/** Frames per second and the longest task within some seconds. */
const MEASURE = `new Promise((resolve) => {
  const began = performance.now();
  let frames = 0;
  const frame = (now) => {
    frames += 1;
    if (now - began < ${SECONDS * 1000}) requestAnimationFrame(frame);
    else setTimeout(() => resolve({
      framesPerSecond: (frames * 1000) / (now - began),
      tasks: tasks.filter(({ startTime }) => startTime > began).map(({ duration }) => duration),
    }), 100);
  };
  requestAnimationFrame(frame);
})`;

interface Measurement {
  readonly framesPerSecond: number;
  readonly tasks: readonly number[];
}

async function measure(page: Page, what: string): Promise<void> {
  const { framesPerSecond, tasks } = await page.evaluate<Measurement>(MEASURE);
  const blocked = tasks.reduce((sum, task) => sum + task, 0);
  console.log(
    `${what}: ${framesPerSecond.toFixed(1)} frames/s, longest task ${Math.max(0, ...tasks).toFixed(0)} ms, ` +
      `${tasks.length} tasks over 50 ms (${(blocked / 1000).toFixed(1)} s in all), ${await page.locator('canvas').count()} canvases`,
  );
}

const home = mkdtempSync(join(tmpdir(), 'trainyard-bench-'));
mkdirSync(join(home, 'trainers'));
writeFileSync(join(home, 'trainers', 'many.py'), SCRIPT);
try {
  await using server = await startTestServer({ home });
  const { id } = await startTraining(server.url, { trainer: 'many', dataset: null });
  await until('the script has reported', async () => (await readJob(server.url, id)).progress.step > 300);
  await using browser = await launchChromium();
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  page.setDefaultTimeout(300_000);
  await page.addInitScript(RECORD);
  const began = Date.now();
  await page.goto(`${server.url}/jobs/${id}`, { waitUntil: 'commit' });
  await page.locator('.chart canvas').first().waitFor();
  // A click is answered only when no task blocks the page.
  await page.evaluate('new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))');
  const tasks = await page.evaluate<Measurement['tasks']>('tasks.map(({ duration }) => duration)');
  console.log(
    `${NAMES} metrics: first interaction after ${Date.now() - began} ms, longest task until then ${Math.max(0, ...tasks).toFixed(0)} ms`,
  );
  await measure(page, 'live, at the top');
  for (const title of ['grads/', 'weights/']) {
    await page.getByRole('button', { name: title }).click();
    await page
      .getByRole('button', { name: /^Show \d+ more/ })
      .last()
      .click();
  }
  await page.evaluate(`(() => {
    const down = () => { scrollBy(0, 12); requestAnimationFrame(down); };
    requestAnimationFrame(down);
  })()`);
  await measure(page, 'live, while scrolling through the sections');
} finally {
  rmSync(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
}
