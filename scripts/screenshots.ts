/**
 * `npm run screenshots`: makes docs/monitor.png, the picture of the monitor page in README.md, from real trainings.
 * Starts a server on a temporary home folder, trains on a generated table with PyTorch, and opens the page in Chromium.
 * Needs the Python environment (`npm run setup`), the built page (`npm run build:monitor`) and Chromium.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { readJob, startTraining } from '../test/support/api-client.ts';
import { launchChromium } from '../test/support/browser.ts';
import { startTestServer } from '../test/support/server-process.ts';
import { until } from '../test/support/until.ts';

const PICTURE = fileURLToPath(new URL('../docs/monitor.png', import.meta.url));
const VIEWPORT = { width: 1280, height: 800 };
const ROWS = 12_000;
const DISTRICTS = ['Harbour', 'Hill', 'Old town', 'Riverside'];

/** A table of house prices, the same on each run: curved, with categories and noise, so that a network has something to learn. */
function housePrices(): string {
  let state = 1;
  // mulberry32, see https://gist.github.com/tommyettinger/46a874533244883189143505d203312c
  const random = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const rows = Array.from({ length: ROWS }, () => {
    const area = 40 + 160 * random();
    const rooms = Math.max(1, Math.round(area / 28 + 2 * random() - 1));
    const age = Math.floor(100 * random());
    const distance = 12 * random();
    const district = Math.floor(DISTRICTS.length * random());
    const comfort = 1 + 0.25 * Math.cos(age / 16) + 0.15 * district - 0.4 * Math.tanh(distance / 4);
    const price = 2100 * area * comfort + 9000 * rooms + 60_000 * (random() + random() - 1);
    return [area.toFixed(1), rooms, age, distance.toFixed(2), DISTRICTS[district], Math.round(price)].join(',');
  });
  return `area,rooms,age,distance,district,price\n${rows.join('\n')}\n`;
}

/** Waits until all fonts and charts are drawn, so that the picture has no half-finished part. */
async function settled(page: Page): Promise<void> {
  await page.getByText('Live', { exact: true }).waitFor();
  await page.locator('.chart canvas').nth(1).waitFor();
  await page.evaluate('document.fonts.ready');
}

const home = mkdtempSync(join(tmpdir(), 'trainyard-screenshots-'));
mkdirSync(join(home, 'datasets'));
writeFileSync(join(home, 'datasets', 'houses.csv'), housePrices());
try {
  await using server = await startTestServer({ home });
  const { id } = await startTraining(server.url, {
    dataset: 'houses.csv',
    backend: 'TORCH',
    tags: ['real-estate', 'baseline'],
    name: 'House prices',
    epochs: 200,
    batchSize: 256,
    learningRate: 0.001,
    options: { patience: 0, hidden: [64, 64] },
  });
  await using browser = await launchChromium();
  const page = await browser.newPage({ viewport: VIEWPORT, colorScheme: 'light', deviceScaleFactor: 1 });
  await page.goto(`${server.url}/jobs/${id}`);
  await until(
    'the training is half done',
    async () => {
      const { step, totalSteps } = (await readJob(server.url, id)).progress;
      return totalSteps !== null && step > 0.5 * totalSteps;
    },
    300,
  );
  const smoothing = page.getByLabel('Smoothing');
  await smoothing.fill('0.5');
  await smoothing.blur();
  await settled(page);
  await page.screenshot({ path: PICTURE });
  console.log(`Wrote ${PICTURE}`);
} finally {
  rmSync(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
}
