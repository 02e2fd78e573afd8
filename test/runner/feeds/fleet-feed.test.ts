import { expect, onTestFinished, test } from 'vitest';
import { createChangeLog } from '../../../src/runner/feeds/change-log.ts';
import { createFeedHub } from '../../../src/runner/feeds/feed-hub.ts';
import { followFleet } from '../../../src/runner/feeds/fleet-feed.ts';
import type { Job, JobChange, JobFilter } from '../../../src/runner/index.ts';
import { temporaryHome } from '../../support/home.ts';
import { jobStoreOn } from '../../support/job-store.ts';
import { recordedLog } from '../../support/runner.ts';
import { aJob } from '../job/a-job.ts';

/** Jobs over a real database, as a server that starts on `home` has them. */
function fleetOn(home = temporaryHome()) {
  const { database, fleet, events, jobs } = jobStoreOn(home, recordedLog());
  const changes = createChangeLog();
  const hub = createFeedHub();
  const { get: current, select } = jobs.index;
  const sources = { fleet, changes, current, select, ready: Promise.resolve(), onCoalesced: () => undefined };
  events.subscribe((event) => {
    if (event.type !== 'jobChanged') return;
    changes.add(event);
    hub.notify('*');
  });
  jobs.load();
  onTestFinished(() => hub.close());
  return {
    home,
    hub,
    close: () => database.close(),
    cursor: () => fleet.encode(fleet.newest),
    open: (filter?: JobFilter, after?: string) => hub.open('*', followFleet(sources, filter, after)),
    add: (id: string, request: Partial<Job['request']> = {}) => jobs.add(aJob({ id, request }), null),
    report(id: string, step: number) {
      const job = jobs.index.get(id) as Job;
      jobs.replace({ ...job, sequence: job.sequence + 1, progress: { ...job.progress, step } });
    },
    rename(id: string, name: string) {
      const job = jobs.index.get(id) as Job;
      jobs.replace({ ...job, request: { ...job.request, name } });
    },
    complete(id: string) {
      const job = jobs.index.get(id) as Job;
      const state = { status: 'COMPLETED', startedAt: 1, finishedAt: 2 } as const;
      const transitions = [...job.transitions, { status: state.status, at: 2, progress: job.progress }];
      jobs.replace({ ...job, state, transitions });
    },
    remove: (id: string) => {
      jobs.markDeleting([id]);
      jobs.forget([id]);
    },
  };
}

const say = ({ kind, jobId, job, gap }: JobChange) =>
  `${kind} ${jobId}${job === null ? '' : ` ${job.progress.step}`}${gap ? ' GAP' : ''}`;

/** The next so many changes. */
async function take(feed: AsyncIterator<JobChange>, count: number): Promise<JobChange[]> {
  const changes: JobChange[] = [];
  while (changes.length < count) {
    const { value, done } = (await feed.next()) as IteratorResult<JobChange, undefined>;
    if (done) throw new Error(`the feed ended after ${changes.map(say).join(', ')}`);
    changes.push(value);
  }
  return changes;
}

test('reports every job that is added, changed and deleted', async () => {
  const fleet = fleetOn();
  const feed = fleet.open();
  const first = feed.next();
  fleet.add('a');
  expect(say(((await first) as IteratorYieldResult<JobChange>).value)).toBe('ADDED a 0');
  fleet.report('a', 5);
  expect((await take(feed, 1)).map(say)).toEqual(['CHANGED a 5']);
  fleet.remove('a');
  expect((await take(feed, 1)).map(say)).toEqual(['REMOVED a']);
});

test('a slow reader gets the newest state of each job that changed, once', async () => {
  const fleet = fleetOn();
  for (const id of ['a', 'b']) fleet.add(id);
  const feed = fleet.open();
  for (let step = 1; step <= 1000; step += 1) {
    fleet.report('a', step);
    fleet.report('b', 2 * step);
  }
  fleet.add('c');
  fleet.add('gone');
  fleet.remove('gone');
  fleet.report('c', 7);
  expect((await take(feed, 3)).map(say)).toEqual(['CHANGED a 1000', 'CHANGED b 2000', 'ADDED c 7']);
});

test('with a filter, a job is ADDED when it starts to match and REMOVED when it no longer matches', async () => {
  const fleet = fleetOn();
  fleet.add('a', { name: 'red' });
  fleet.add('b', { name: 'blue' });
  const feed = fleet.open({ name: 'red' });
  fleet.report('b', 1);
  fleet.rename('b', 'dark red');
  fleet.report('a', 3);
  expect((await take(feed, 2)).map(say)).toEqual(['ADDED b 1', 'CHANGED a 3']);
  fleet.rename('a', 'green');
  fleet.report('a', 4);
  fleet.report('b', 9);
  expect((await take(feed, 2)).map(say)).toEqual(['REMOVED a 4', 'CHANGED b 9']);
});

test('a job that never matched is not reported, whatever changes', async () => {
  const fleet = fleetOn();
  fleet.add('a');
  const feed = fleet.open({ status: ['COMPLETED'] });
  fleet.report('a', 1);
  fleet.remove('a');
  fleet.add('b');
  fleet.complete('b');
  expect((await take(feed, 1)).map(say)).toEqual(['ADDED b 0']);
});

test('a cursor continues without a gap, and cursors only increase', async () => {
  const fleet = fleetOn();
  const start = fleet.cursor();
  for (const id of ['a', 'b', 'c']) fleet.add(id);
  const [first] = await take(fleet.open({}, start), 1);
  fleet.report('a', 2);
  const rest = await take(fleet.open({}, first?.cursor), 3);
  expect(rest.map(say)).toEqual(['ADDED b 0', 'ADDED c 0', 'CHANGED a 2']);
});

test('a cursor is valid after a restart: the feed reports what ended, what was deleted, and what may have changed', async () => {
  const first = fleetOn();
  for (const id of ['lives', 'ended before', 'ended after', 'deleted']) first.add(id);
  first.complete('ended before');
  const cursor = first.cursor();
  first.report('lives', 3);
  first.complete('ended after');
  first.complete('deleted');
  first.remove('deleted');
  const last = first.cursor();
  first.close();

  const second = fleetOn(first.home);
  const feed = second.open({}, cursor);
  // The reports of the live job are not in the record: its status file is read again.
  expect((await take(feed, 3)).map(say)).toEqual(['CHANGED ended after 0', 'REMOVED deleted', 'CHANGED lives 0']);
  second.add('new');
  expect((await take(feed, 1)).map(say)).toEqual(['ADDED new 0']);
  expect((await take(second.open({}, last), 2)).map(say)).toEqual(['CHANGED lives 0', 'ADDED new 0']);
});

test.each([['nonsense'], [Buffer.from('jobs:00000000:1').toString('base64url')]])(
  'an invalid cursor (%s) gives all jobs that match, the first marked as a gap, then what changes',
  async (cursor) => {
    const fleet = fleetOn();
    fleet.add('a', { tags: ['x'] });
    fleet.add('b');
    fleet.add('c', { tags: ['x'] });
    const feed = fleet.open({ tags: ['x'] }, cursor);
    const known = await take(feed, 2);
    expect(known.map(({ kind, jobId }) => `${kind} ${jobId}`).sort()).toEqual(['ADDED a', 'ADDED c']);
    expect(known.map(({ gap }) => gap)).toEqual([true, false]);
    fleet.report('c', 5);
    expect((await take(feed, 1)).map(say)).toEqual(['CHANGED c 5']);
  },
);

test('a reader that stops within the list of all jobs gets all again; one that stops after it gets only changes', async () => {
  const fleet = fleetOn();
  for (const id of ['a', 'b', 'c']) fleet.add(id);
  const [, second] = await take(fleet.open({}, 'nonsense'), 2);
  const again = await take(fleet.open({}, second?.cursor), 3);
  expect(again.map(({ kind, jobId }) => `${kind} ${jobId}`).sort()).toEqual(['ADDED a', 'ADDED b', 'ADDED c']);
  expect(again.map(({ gap }) => gap)).toEqual([true, false, false]);
  fleet.report('a', 5);
  expect((await take(fleet.open({}, again.at(-1)?.cursor), 1)).map(say)).toEqual(['CHANGED a 5']);
});

test('ten thousand feeds that open, wait and close leak nothing', async () => {
  const fleet = fleetOn();
  fleet.add('a');
  const heapAfter = async (cycles: number) => {
    for (let cycle = 0; cycle < cycles; cycle += 1) {
      const feed = fleet.open();
      const pending = feed.next();
      if (cycle % 100 === 0) fleet.report('a', cycle);
      await feed.return?.();
      await pending;
    }
    globalThis.gc?.();
    return process.memoryUsage().heapUsed;
  };
  const warm = await heapAfter(2000);
  const end = await heapAfter(10_000);
  expect(fleet.hub.size).toBe(0);
  expect(end - warm).toBeLessThan(1_000_000);
});

test('closing ends every feed, also those opened later', async () => {
  const fleet = fleetOn();
  const pending = fleet.open().next();
  fleet.hub.close();
  expect((await pending).done).toBe(true);
  expect((await fleet.open().next()).done).toBe(true);
});
