import { expect, test } from 'vitest';
import { type Job, type JobEvent, type JobState } from '../../../src/runner/index.ts';
import { transition } from '../../../src/runner/job/transition.ts';
import { createFeedHub } from '../../../src/runner/feeds/feed-hub.ts';
import { followJob } from '../../../src/runner/feeds/job-feed.ts';
import { aJob } from '../job/a-job.ts';

/** A job that the test moves on, and the feeds that follow it. */
function watchedJob() {
  const hub = createFeedHub();
  let job: Job = aJob();
  let coalesced = 0;
  const change = (next: Job) => {
    job = next;
    hub.notify(job.id);
  };
  return {
    hub,
    open: (after?: string) =>
      hub.open(
        job.id,
        followJob(
          () => job,
          after,
          undefined,
          (count) => (coalesced += count),
        ),
      ),
    coalesced: () => coalesced,
    become: (state: JobState) => change(transition(job, state, 2000)),
    report(step: number) {
      change({ ...job, sequence: job.sequence + 1, progress: { ...job.progress, step } });
    },
  };
}

const running: JobState = { status: 'RUNNING', startedAt: 1500 };
const completed: JobState = { status: 'COMPLETED', startedAt: 1500, finishedAt: 2500 };
const value = (result: IteratorResult<JobEvent, unknown>) => result.value as JobEvent;
const say = (result: IteratorResult<JobEvent, unknown>) =>
  result.done ? 'END' : `${value(result).status} ${value(result).progress.step}`;

test('gives a snapshot, then each later state, and ends with the terminal one', async () => {
  const job = watchedJob();
  const feed = job.open();
  expect(say(await feed.next())).toBe('QUEUED 0');
  const pending = feed.next();
  job.become(running);
  expect(say(await pending)).toBe('RUNNING 0');
  job.report(1);
  expect(say(await feed.next())).toBe('RUNNING 1');
  expect(job.coalesced()).toBe(0);
  job.become(completed);
  expect(say(await feed.next())).toBe('COMPLETED 1');
  expect(say(await feed.next())).toBe('END');
  expect(job.hub.size).toBe(0);
});

test('a slow reader skips progress but no change of status', async () => {
  const job = watchedJob();
  const feed = job.open();
  await feed.next();
  for (let step = 1; step <= 1000; step += 1) job.report(step);
  job.become(running);
  for (let step = 1001; step <= 2000; step += 1) job.report(step);
  job.become({ status: 'STOPPING', startedAt: 1500, requestedAt: 1, deadline: 9000, cause: 'USER' });
  job.become({ status: 'STOPPED', startedAt: 1500, finishedAt: 2500 });
  const events = [await feed.next(), await feed.next(), await feed.next(), await feed.next()];
  expect(events.map(say)).toEqual(['RUNNING 1000', 'STOPPING 2000', 'STOPPED 2000', 'END']);
  // Two of those that it got came with a version of their own, and are not among the missed ones.
  expect(job.coalesced()).toBe(2000 - 1 - 2);
});

test('a cursor resumes without a gap or a repeat', async () => {
  const job = watchedJob();
  const first = job.open();
  await first.next();
  job.become({ status: 'STARTING', startedAt: 1500 });
  const { cursor } = value(await first.next());
  await first.return?.();
  job.become(running);
  job.report(7);
  job.become(completed);
  const second = job.open(cursor);
  expect([await second.next(), await second.next(), await second.next()].map(say)).toEqual([
    'RUNNING 0',
    'COMPLETED 7',
    'END',
  ]);
});

test('a cursor of the terminal event gives nothing more', async () => {
  const job = watchedJob();
  job.become(completed);
  const { cursor } = value(await job.open().next());
  expect(say(await job.open(cursor).next())).toBe('END');
  expect(job.hub.size).toBe(1); // the first one, which was not read to its end
});

test.each([
  '',
  'garbage',
  Buffer.from('deadbeef:1:1').toString('base64url'),
  Buffer.from('0123abcd:99:1').toString('base64url'),
])('a cursor that is not of this feed (%j) gives a fresh snapshot marked as a gap', async (cursor) => {
  const job = watchedJob();
  const event = value(await job.open(cursor).next());
  expect(event).toMatchObject({ status: 'QUEUED', gap: true });
});

test('return() wakes a next() that waits', async () => {
  const job = watchedJob();
  const feed = job.open();
  await feed.next();
  const pending = feed.next();
  await feed.return?.();
  expect((await pending).done).toBe(true);
  expect(job.hub.size).toBe(0);
});

test('closing the hub ends every feed, also those opened later', async () => {
  const job = watchedJob();
  const feed = job.open();
  await feed.next();
  const pending = feed.next();
  job.hub.close();
  expect((await pending).done).toBe(true);
  expect((await job.open().next()).done).toBe(true);
  expect(job.hub.size).toBe(0);
});

test('ten thousand feeds that open, wait and close leak nothing', async () => {
  const job = watchedJob();
  const heapAfter = async (cycles: number) => {
    for (let cycle = 0; cycle < cycles; cycle += 1) {
      const feed = job.open();
      await feed.next();
      const pending = feed.next();
      if (cycle % 2 === 0) job.report(cycle);
      await feed.return?.();
      await pending;
    }
    globalThis.gc?.();
    return process.memoryUsage().heapUsed;
  };
  const warm = await heapAfter(2000);
  const end = await heapAfter(10_000);
  expect(job.hub.size).toBe(0);
  // A feed that stayed would cost hundreds of bytes: 10,000 of them several megabytes.
  expect(end - warm).toBeLessThan(1_000_000);
});
