/**
 * Whether the monitor page stays smooth: 10,000 jobs, 100 of them reporting 5 times a second, in headless Chromium; how many
 * requests an idle page makes; and how soon after its first report a job has a curve. `node bench/monitor.ts [SECONDS]`;
 * needs Python, Chromium and a built page.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { send, startTraining } from '../test/support/api-client.ts';
import { launchChromium } from '../test/support/browser.ts';
import { recordEndedJobs, recordRunningJobs } from '../test/support/fleet-home.ts';
import { startTestServer } from '../test/support/server-process.ts';
import { createReportingJobs } from './reporting-jobs.ts';

const ENDED = 9_900;
const REPORTING = 100;
const REPORTS_PER_SECOND = 5;
const SECONDS = Number(process.argv[2] ?? 20);

/** Counts frames and long tasks of the page while it runs. */
const MEASURE = `new Promise((resolve) => {
  const gaps = [];
  let long = 0;
  const observer = new PerformanceObserver((list) => (long += list.getEntries().length));
  observer.observe({ entryTypes: ['longtask'] });
  const began = performance.now();
  let last = began;
  const frame = (now) => {
    gaps.push(now - last);
    last = now;
    if (now - began < ${SECONDS * 1000}) requestAnimationFrame(frame);
    else resolve({ frames: gaps.length, milliseconds: now - began, gaps, long });
  };
  requestAnimationFrame(frame);
})`;

interface Measurement {
  readonly frames: number;
  readonly milliseconds: number;
  readonly gaps: readonly number[];
  readonly long: number;
}

async function measure(page: Page, what: string): Promise<void> {
  const { frames, milliseconds, gaps, long } = await page.evaluate<Measurement>(MEASURE);
  const sorted = gaps.toSorted((a, b) => a - b);
  const p99 = sorted[Math.floor(sorted.length * 0.99)] ?? NaN;
  console.log(
    `${what}: ${(frames / (milliseconds / 1000)).toFixed(1)} frames/s, p99 ${p99.toFixed(0)} ms a frame, worst ${(sorted.at(-1) ?? NaN).toFixed(0)} ms, ${long} tasks over 50 ms`,
  );
}

/** Time from the first report of a job until its curve is shown, in a page that was open before the job began. */
async function measureFirstCurve(page: Page, url: string): Promise<void> {
  const { id } = await startTraining(url, { backend: 'SIMULATION', epochs: 1000 });
  await page.goto(`${url}/jobs/${id}`);
  const shownAt = await page.evaluate<number>(`new Promise((resolve) => {
    const look = () => (document.querySelector('.chart canvas') ? resolve(Date.now()) : requestAnimationFrame(look));
    look();
  })`);
  const { data } = await send<{ job: { metrics: { points: { at: string }[] }[] } }>(
    url,
    `{ job(id: "${id}") { metrics(names: ["loss"]) { points { at } } } }`,
  );
  const reportedAt = Date.parse(data?.job.metrics[0]?.points[0]?.at ?? '');
  console.log(`first report to curve: ${shownAt - reportedAt} ms`);
}

using fleet = await createReportingJobs(REPORTS_PER_SECOND);
recordEndedJobs(fleet.home, ENDED);
const reporting = recordRunningJobs(fleet.home, REPORTING, fleet.identity);
await using server = await startTestServer({
  home: fleet.home,
  environment: { TRAINYARD_MAX_RUNNING: String(REPORTING + 1) },
});
const browser = await launchChromium();
try {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  const requests: string[] = [];
  page.on('request', (request) => requests.push(`${request.method()} ${request.url()}`));
  await page.goto(server.url);
  await page.getByRole('link', { name: 'live 100' }).waitFor();
  await delay(2000);

  requests.length = 0;
  await delay(SECONDS * 1000);
  console.log(`idle page, nothing happens: ${requests.length} requests in ${SECONDS} s`);

  fleet.report(reporting);
  await page
    .getByText(/epoch [1-9]/)
    .first()
    .waitFor();
  await delay(2000);
  requests.length = 0;
  await measure(page, `${ENDED + REPORTING} jobs, ${REPORTING} reporting, at the top`);
  console.log(`meanwhile ${requests.length} requests`);
  await page.evaluate(`(() => {
    const down = () => { scrollBy(0, 12); requestAnimationFrame(down); };
    requestAnimationFrame(down);
  })()`);
  await measure(page, 'the same, while scrolling');
  await measureFirstCurve(page, server.url);
} finally {
  await browser.close();
}
