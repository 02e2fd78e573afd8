/**
 * The cost of a home with 100,000 jobs: pages in several orders and of several words, the counts, and the cost of one change with many list
 * pages open. Run: npm run bench jobs
 */
import { createChangeLog } from '../src/runner/feeds/change-log.ts';
import { createFeedHub } from '../src/runner/feeds/feed-hub.ts';
import { followFleet } from '../src/runner/feeds/fleet-feed.ts';
import { createJobIndex } from '../src/runner/store/job-index.ts';
import { JOB_ORDER_FIELDS } from '../src/runner/store/job-order.ts';
import { aJob } from '../test/runner/job/a-job.ts';
import { percentile, printGoal, printTable } from './report.ts';

const JOBS = 100_000;
const PAGE = 50;
const READERS = 200;
/** In all jobs, many, some, one and none. */
const WORDS = ['run', 'job_', 'tag 1', 'data-3', 'run 77', 'run 500', '00c0ffee', 'zz', 'not there'];

const list = createJobIndex();
list.load(
  Array.from({ length: JOBS }, (_, index) => {
    const value = (index * 7919) % 1000;
    const createdAt = 1_760_000_000_000 + index * 7001;
    const hash = Math.imul(index, 2_654_435_761) >>> 0;
    return aJob({
      id: `job_${createdAt}_${hash.toString(16).padStart(8, '0')}`,
      createdAt,
      state: { status: 'COMPLETED', startedAt: createdAt, finishedAt: createdAt + (hash % 1_000_000) },
      best: { val_loss: { value, step: 1, at: 0 } },
      request: { name: `run ${value}`, tags: [`tag ${index % 20}`], dataset: `data-${index % 10}.csv` },
    });
  }),
  [],
  { read: () => never(), readAfter: () => [] },
);
await list.indexed;

const rows: Record<string, string>[] = [];
const pages: number[] = [];
const elapsed: number[] = [];
for (const field of JOB_ORDER_FIELDS) {
  for (const word of ['', ...WORDS]) {
    const orderBy = { field, direction: 'ASC', metric: field === 'METRIC' ? 'val_loss' : null } as const;
    const filter = word === '' ? null : { text: word };
    const milliseconds = measure(100, () => {
      const startedAt = performance.now();
      list.page({ limit: PAGE, orderBy, filter });
      elapsed.push(performance.now() - startedAt);
    });
    pages.push(milliseconds);
    rows.push({ order: field, word, 'CPU (ms)': milliseconds.toFixed(3) });
  }
}
rows.sort((a, b) => Number(b['CPU (ms)']) - Number(a['CPU (ms)']));
printTable(`The slowest of ${rows.length} kinds of pages of ${PAGE} of ${JOBS} jobs`, rows.slice(0, 8));
console.log();
printGoal('CPU time of the slowest kind of page, of 3 ms', Math.max(...pages) / 3, 'at most', 1);
printGoal(`p99 of the time of all pages, of 3 ms`, percentile(elapsed, 0.99) / 3, 'at most', 1);
const counts = ['', ...WORDS].map((word) => ({
  counts: word === '' ? 'all' : word,
  'CPU (ms)': measure(10, () => list.counts(word === '' ? null : { text: word })).toFixed(3),
}));
printTable('Counts by status', counts);

const log = createChangeLog();
const hub = createFeedHub();
const sources = {
  fleet: { newest: 0, encode: String, decode: Number } as never,
  changes: log,
  current: list.get,
  select: list.select,
  ready: Promise.resolve(),
  onCoalesced: () => undefined,
};
const readers = Array.from({ length: READERS }, () =>
  hub.open('*', followFleet(sources, { status: ['COMPLETED'] }, '0')),
);
const [job] = list.page({ limit: 1 });
let number = 0;
const fanOut = await measureAsync(200, async () => {
  const pending = readers.map((reader) => reader.next());
  number += 1;
  if (job) log.add({ number, jobId: job.id, before: job });
  hub.notify('*');
  await Promise.all(pending);
});
console.log(`\nA change costs ${((fanOut / READERS) * 1000).toFixed(1)} us for each of ${READERS} list pages.`);
hub.close();

function never(): never {
  throw new Error('All jobs are loaded.');
}

/** Mean CPU time, ms: other programs do not count. */
function measure(times: number, work: () => unknown): number {
  for (let time = 0; time < 10; time += 1) work();
  const began = process.cpuUsage();
  for (let time = 0; time < times; time += 1) work();
  const { user, system } = process.cpuUsage(began);
  return (user + system) / 1000 / times;
}

async function measureAsync(times: number, work: () => Promise<unknown>): Promise<number> {
  await work();
  const began = performance.now();
  for (let time = 0; time < times; time += 1) await work();
  return (performance.now() - began) / times;
}
