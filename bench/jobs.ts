/**
 * The cost of a home with 100,000 jobs: a page in the order of creation against one in another order, a filter over all, the counts, and
 * what one change costs with many list pages open. Run: node bench/jobs.ts
 */
import { createChangeLog } from '../src/runner/feeds/change-log.ts';
import { createFeedHub } from '../src/runner/feeds/feed-hub.ts';
import { followFleet } from '../src/runner/feeds/fleet-feed.ts';
import { createJobIndex } from '../src/runner/store/job-index.ts';
import { aJob } from '../test/runner/job/a-job.ts';

const JOBS = 100_000;
const PAGE = 50;
const READERS = 200;

const list = createJobIndex();
for (let index = 0; index < JOBS; index += 1) {
  const value = (index * 7919) % 1000;
  list.set(
    aJob({
      id: `job_${1_760_000_000_000 + index}_${index.toString(16).padStart(8, '0')}`,
      createdAt: 1_760_000_000_000 + index,
      best: { val_loss: { value, step: 1, at: 0 } },
      request: { name: `run ${value}`, tags: [`tag ${index % 20}`] },
    }),
  );
}

const byMetric = { field: 'METRIC', direction: 'ASC', metric: 'val_loss' } as const;
const first = measure(2000, () => list.page({ limit: PAGE }));
report('a page, newest first', first);
report(
  'a page by best val_loss',
  measure(20, () => list.page({ limit: PAGE, orderBy: byMetric })),
);
report(
  'a page of a text found in 1 of 1,000',
  measure(20, () => list.page({ limit: PAGE, filter: { text: 'run 500' } })),
);
report(
  'counts by status',
  measure(2000, () => list.counts()),
);
report(
  'counts by status of a text',
  measure(20, () => list.counts({ text: 'run 500' })),
);

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
const readers = Array.from({ length: READERS }, () => hub.open('*', followFleet(sources, { status: ['QUEUED'] }, '0')));
const [job] = list.page({ limit: 1 });
let number = 0;
const fanOut = await measureAsync(200, async () => {
  const pending = readers.map((reader) => reader.next());
  number += 1;
  if (job) log.add({ number, jobId: job.id, before: job });
  hub.notify('*');
  await Promise.all(pending);
});
report(`a change, for each of ${READERS} list pages`, fanOut / READERS);
hub.close();

function measure(times: number, work: () => unknown): number {
  work();
  const began = performance.now();
  for (let time = 0; time < times; time += 1) work();
  return (performance.now() - began) / times;
}

async function measureAsync(times: number, work: () => Promise<unknown>): Promise<number> {
  await work();
  const began = performance.now();
  for (let time = 0; time < times; time += 1) await work();
  return (performance.now() - began) / times;
}

function report(what: string, milliseconds: number): void {
  const ratio = `${(milliseconds / first).toFixed(1)} times a page`;
  console.log(`${what.padEnd(42)} ${(milliseconds * 1000).toFixed(1).padStart(10)} us  ${ratio}`);
}
