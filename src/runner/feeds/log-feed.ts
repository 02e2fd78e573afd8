import { setTimeout as delay } from 'node:timers/promises';
import { readLog } from '../history/log.ts';
import { isTerminal } from '../job/status.ts';
import type { Job } from '../job/types.ts';
import type { LogPage, LogQuery } from '../history/history.ts';
import type { FeedHub } from './feed-hub.ts';
import type { PullResult } from './pull-feed.ts';

/** Minimum time between two pages, ms, so that lines are combined into fewer pages. */
const PAGE_MS = 50;
/** Maximum lines of a page, except the first page. */
const PAGE_LINES = 1000;

export interface LogFeedSettings {
  /** Holds and wakes the feeds. */
  readonly hub: FeedHub;
  /** The path of a job's log. */
  readonly pathOf: (jobId: string) => string;
  /** The current job; undefined once it is deleted. */
  readonly current: (jobId: string) => Job | undefined;
  /** Resolves when it is known whether a job has ended: see `followJob`. */
  readonly ready: Promise<unknown>;
}

/** The live logs of jobs. */
export interface LogFeeds {
  /** The log of this job may have grown, or the job has changed. */
  changed(jobId: string): void;
  /** The log of a job from its newest `last` lines (or from `after`) to its end. */
  open(jobId: string, query: LogQuery): AsyncIterableIterator<LogPage>;
}

export function createLogFeeds({ hub, pathOf, current, ready }: LogFeedSettings): LogFeeds {
  // Many readers at the same position of a log share one read. An entry is removed once it is read: this is not a cache.
  const reading = new Map<string, Promise<LogPage>>();
  // Counts changes, so that no reader shares a read that started before the change that woke it.
  let changes = 0;

  function readNext(jobId: string, after: string, isOver: boolean): Promise<LogPage> {
    const key = `${jobId} ${after} ${changes} ${isOver}`;
    const shared = reading.get(key);
    if (shared) return shared;
    const page = readLog(pathOf(jobId), { after, last: PAGE_LINES }, { isOver }).finally(() => reading.delete(key));
    reading.set(key, page);
    return page;
  }

  function follow(jobId: string, query: LogQuery, closed: AbortSignal): () => Promise<PullResult<LogPage>> {
    let cursor: string | undefined;
    let notBefore = 0;

    return async () => {
      await ready;
      const pause = notBefore - performance.now();
      if (pause > 0) await delay(pause, undefined, { signal: closed }).catch(() => undefined);
      const job = current(jobId);
      if (!job || closed.aborted) return 'END';
      // Checked before the log is read: if the job has ended, its complete output is in the log.
      const isOver = isTerminal(job.state.status);
      const isFirst = cursor === undefined;
      const page = await (cursor === undefined
        ? readLog(pathOf(jobId), query, { isOver })
        : readNext(jobId, cursor, isOver));
      cursor = page.cursor;
      if (!isFirst && page.lines.length === 0) return isOver ? 'END' : 'WAIT';
      notBefore = performance.now() + PAGE_MS;
      return { event: page };
    };
  }

  return {
    changed(jobId) {
      changes += 1;
      hub.notify(jobId);
    },
    open(jobId, query) {
      const closing = new AbortController();
      return hub.open(jobId, follow(jobId, query, closing.signal), () => closing.abort());
    },
  };
}
