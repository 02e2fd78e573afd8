import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Job, LogPage } from '../../../src/runner/index.ts';
import { createFeedHub } from '../../../src/runner/feeds/feed-hub.ts';
import { createLogFeeds } from '../../../src/runner/feeds/log-feed.ts';
import { temporaryHome } from '../../support/home.ts';
import { aJob } from '../job/a-job.ts';

const line = (text: string) => `2026-01-02T03:04:05.${Date.now() % 1e6}Z stdout F ${text}\n`;
const RUNNING: Job = aJob({ state: { status: 'RUNNING', startedAt: 1 } });
const ENDED: Job = aJob({ state: { status: 'COMPLETED', startedAt: 1, finishedAt: 2 } });

/** A log that the test writes, of a job that the test ends. */
function watchedLog() {
  const path = join(temporaryHome(), 'log');
  writeFileSync(path, '');
  const hub = createFeedHub();
  let job: Job | undefined = RUNNING;
  const feeds = createLogFeeds({ hub, pathOf: () => path, current: () => job, ready: Promise.resolve() });
  return {
    path,
    hub,
    open: (query = {}) => feeds.open(RUNNING.id, query),
    print(text: string) {
      appendFileSync(path, text);
      feeds.changed(RUNNING.id);
    },
    become(next: Job | undefined) {
      job = next;
      feeds.changed(RUNNING.id);
    },
  };
}

const say = ({ done, value }: IteratorResult<LogPage, unknown>) => (done ? 'END' : value.lines.map(({ text }) => text));

test('gives the newest lines, then new ones, then the incomplete last line, and ends', async () => {
  const log = watchedLog();
  log.print(line('one') + line('two') + line('three'));
  const feed = log.open({ last: 2 });
  expect(say(await feed.next())).toEqual(['two', 'three']);
  const pending = feed.next();
  log.print(line('four') + 'to');
  expect(say(await pending)).toEqual(['four']);
  const last = feed.next();
  log.print('rn');
  log.become(ENDED);
  expect(say(await last)).toEqual(['torn']);
  expect(say(await feed.next())).toBe('END');
  expect(log.hub.size).toBe(0);
});

test('the empty log of a running job is a page without lines, so that a reader has a cursor', async () => {
  const log = watchedLog();
  const feed = log.open();
  const first = await feed.next();
  expect(say(first)).toEqual([]);
  await feed.return?.();
  log.print(line('later'));
  const again = log.open({ after: (first.value as LogPage).cursor });
  expect(say(await again.next())).toEqual(['later']);
  await again.return?.();
});

test('lines printed while the reader does not ask form one page, at most the oldest thousand', async () => {
  const log = watchedLog();
  const feed = log.open();
  await feed.next();
  for (let index = 0; index < 1500; index += 1) log.print(line(`line ${index}`));
  const first = say(await feed.next());
  const second = say(await feed.next());
  expect([first.length, second.length]).toEqual([1000, 500]);
  expect([first[0], second[0], second.at(-1)]).toEqual(['line 0', 'line 1000', 'line 1499']);
  await feed.return?.();
});

test('ends for a waiting reader when it is closed, when its job is deleted, and when the server closes', async () => {
  for (const end of ['return', 'delete', 'close'] as const) {
    const log = watchedLog();
    const feed = log.open();
    await feed.next();
    const pending = feed.next();
    if (end === 'return') await feed.return?.();
    else if (end === 'delete') log.become(undefined);
    else log.hub.close();
    expect(say(await pending)).toBe('END');
    expect(log.hub.size).toBe(0);
  }
});

test('every reader of one log gets every line once, for any number of readers at any time', async () => {
  const log = watchedLog();
  const read = async () => {
    const lines: string[] = [];
    for await (const page of log.open({ last: 10_000 })) lines.push(...page.lines.map(({ text }) => text));
    return lines;
  };
  const readers: Promise<string[]>[] = [];
  for (let index = 0; index < 400; index += 1) {
    log.print(line(`line ${index}`));
    if (index % 10 === 0) readers.push(read());
    if (index % 7 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  }
  log.become(ENDED);
  const all = Array.from({ length: 400 }, (_, index) => `line ${index}`);
  for (const lines of await Promise.all(readers)) expect(lines).toEqual(all);
});
