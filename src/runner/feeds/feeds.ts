import type { EventChannel } from '../events.ts';
import type { LogPage, LogQuery } from '../history/history.ts';
import type { Job } from '../job/types.ts';
import type { FleetRecord } from '../store/fleet-record.ts';
import type { JobIndex } from '../store/job-index.ts';
import type { JobChange, JobFilter } from '../store/job-query.ts';
import { createChangeLog } from './change-log.ts';
import { createFeedHub } from './feed-hub.ts';
import { followFleet } from './fleet-feed.ts';
import type { JobEvent } from './job-event.ts';
import { followJob } from './job-feed.ts';
import { createLogFeeds } from './log-feed.ts';

/** The live feeds of a runner. Each reader holds a position, not a buffer. */
export interface Feeds {
  /** See `Runner.watch`. */
  watchJob(jobId: string, after: string | null | undefined): AsyncIterableIterator<JobEvent>;
  /** See `Runner.watchLog`. */
  watchLog(jobId: string, query: LogQuery): AsyncIterableIterator<LogPage>;
  /** See `Runner.watchJobs`. */
  watchFleet(filter: JobFilter | null | undefined, after: string | null | undefined): AsyncIterableIterator<JobChange>;
  /** The log of a job may have grown. */
  logChanged(jobId: string): void;
  /** Wakes the readers of logs, in case a change of a file was missed. */
  sweep(): void;
  /** The number of open feeds, by subscription. */
  readonly open: Readonly<Record<'jobProgress' | 'jobLog' | 'jobsChanged', number>>;
  /** Ends every feed. */
  close(): void;
}

export interface FeedsSettings {
  readonly index: JobIndex;
  readonly fleet: FleetRecord;
  readonly events: EventChannel;
  /** The path of a job's log. */
  readonly pathOfLog: (jobId: string) => string;
  /** Resolves when jobs are reconciled with what ran before: until then cursors are not evaluated. */
  readonly ready: Promise<void>;
}

/** The one topic of the feed of all jobs. */
const ALL_JOBS = '*';

export function createFeeds({ index, fleet, events, pathOfLog, ready }: FeedsSettings): Feeds {
  const jobHub = createFeedHub();
  const logHub = createFeedHub();
  const fleetHub = createFeedHub();
  const changes = createChangeLog();
  const current = (id: string): Job | undefined => index.get(id);
  const logFeeds = createLogFeeds({ hub: logHub, pathOf: pathOfLog, current, ready });
  const coalesced = (feed: 'jobProgress' | 'jobsChanged') => (count: number) =>
    events.publish({ type: 'eventsCoalesced', feed, count });

  events.subscribe((event) => {
    if (event.type !== 'jobChanged') return;
    changes.add(event);
    jobHub.notify(event.jobId);
    logFeeds.changed(event.jobId);
    fleetHub.notify(ALL_JOBS);
  });

  return {
    watchJob: (jobId, after) =>
      jobHub.open(
        jobId,
        followJob(() => current(jobId), after, ready, coalesced('jobProgress')),
      ),
    watchLog: (jobId, query) => logFeeds.open(jobId, query),
    watchFleet(filter, after) {
      // Only a cursor that is not valid needs all jobs.
      const isValid = () => after == null || fleet.decode(after) !== undefined;
      const known = ready.then(() => (isValid() ? undefined : index.indexed));
      const onCoalesced = coalesced('jobsChanged');
      const sources = { fleet, changes, current, select: index.select, ready: known, onCoalesced };
      return fleetHub.open(ALL_JOBS, followFleet(sources, filter, after));
    },
    logChanged: (jobId) => logFeeds.changed(jobId),
    sweep: () => logHub.notifyAll(),
    get open() {
      return { jobProgress: jobHub.size, jobLog: logHub.size, jobsChanged: fleetHub.size };
    },
    close() {
      for (const hub of [jobHub, logHub, fleetHub]) hub.close();
    },
  };
}
