/**
 * The delay from a write of a status file to a WebSocket subscriber, next to that of a bare `fs.watch` of the same writes: the minimum of
 * the kernel. `node bench/watching.ts [seconds]`; needs Python.
 */
import { readFileSync, watch } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { recordRunningJobs } from '../test/support/fleet-home.ts';
import { until } from '../test/support/until.ts';
import { startProtectedServer } from './protected-server.ts';
import { median, percentile, printGoal, printTable } from './report.ts';
import { createReportingJobs } from './reporting-jobs.ts';

const SECONDS = Number(process.argv[2] ?? 40);
/** The most that a trainer reports. */
const REPORTS_PER_SECOND = 10;

const now = () => performance.timeOrigin + performance.now();

using fleet = await createReportingJobs(REPORTS_PER_SECOND);
const [id = ''] = recordRunningJobs(fleet.home, 1, fleet.identity);
await using server = await startProtectedServer({ home: fleet.home });

/** By step: when the file was written, and when it was seen, Unix ms. */
const writtenAt = new Map<number, number>();
const watchedAt = new Map<number, number>();
const receivedAt = new Map<number, number>();

const file = `${id}.json`;
const path = join(fleet.home, 'artifacts', 'jobs', file);
const watcher = watch(join(fleet.home, 'artifacts', 'jobs'), (_, name) => {
  if (name !== file) return;
  const seenAt = now();
  const { step, updated_at } = JSON.parse(readFileSync(path, 'utf8')) as { step: number; updated_at: number };
  // One replaced file causes several events.
  if (watchedAt.has(step)) return;
  writtenAt.set(step, updated_at * 1000);
  watchedAt.set(step, seenAt);
});
const query = `subscription { jobProgress(id: "${id}") { status step loss } }`;
server.connect().subscribe<{ jobProgress: { step: number } }>(
  { query },
  {
    next: ({ data }) => data && receivedAt.set(data.jobProgress.step, now()),
    error: (error) => console.error(error),
    complete: () => undefined,
  },
);
fleet.report([id]);
// The first reports compile the code.
await until('the job reports', () => receivedAt.size > 2 * REPORTS_PER_SECOND);
for (const times of [writtenAt, watchedAt, receivedAt]) times.clear();
await delay(SECONDS * 1000);
watcher.close();

const delaysOf = (times: ReadonlyMap<number, number>) =>
  [...writtenAt].flatMap(([step, at]) => (times.has(step) ? [(times.get(step) ?? NaN) - at] : []));
const watched = delaysOf(watchedAt);
const received = delaysOf(receivedAt);
const row = (what: string, values: readonly number[]) => ({
  'from the write to': what,
  'median (ms)': median(values).toFixed(2),
  'p99 (ms)': percentile(values, 0.99).toFixed(2),
  reports: String(values.length),
});
printTable('Write of a status file to a subscriber', [
  row('`fs.watch`', watched),
  row('a WebSocket subscriber', received),
]);
console.log();
printGoal('median delay, of `fs.watch`', median(received) / median(watched), 'at most', 2.5);
printGoal('p99 of the delay, of 5 ms', percentile(received, 0.99) / 5, 'at most', 1);
