import type { Job } from './job/types.ts';
import type { Logger } from './logger.ts';

/** A change of the set of jobs. */
export interface JobChanged {
  /** Grows with each change, across restarts too. */
  readonly number: number;
  readonly jobId: string;
  /** The job before the change; null if the change created it; undefined if it is no longer known. */
  readonly before: Job | null | undefined;
}

/** The source and the delay of a status report. */
export interface StatusApplied {
  /**
   * Time from the trainer's write, by the clock of its machine, ms. Null for a report from before the runner was opened, which says
   * nothing about the runner's speed.
   */
  readonly delayMs: number | null;
  /** Found by the watch of the folder, or by the sweep that looks at every job each second. */
  readonly foundBy: 'watch' | 'sweep';
  /** Reports that were replaced before they could be read. */
  readonly unread: number;
}

/** Everything that happens in a runner, for its own parts and for metrics and traces. */
export type RunnerEvent =
  /** A job waits for a slot: a new one, or the next attempt of one that ended. Published within the call that asked for it. */
  | { readonly type: 'jobQueued'; readonly job: Job }
  /** An attempt is about to be launched. */
  | { readonly type: 'attemptLaunching'; readonly job: Job }
  /** The launch is over; `failure` is null if the attempt has a process. */
  | { readonly type: 'attemptLaunched'; readonly job: Job; readonly failure: Error | null; readonly durationMs: number }
  /** The first report of an attempt arrived, this long after its launch by this runner. */
  | { readonly type: 'attemptReported'; readonly job: Job; readonly sinceLaunchMs: number }
  /** A job was added, changed or deleted. The change is recorded and visible. */
  | ({ readonly type: 'jobChanged' } & JobChanged)
  /** A job reached a terminal status. */
  | { readonly type: 'jobEnded'; readonly job: Job }
  /** A newer status report was applied. */
  | ({ readonly type: 'statusApplied' } & StatusApplied)
  /** A status or exit file cannot be used. Published once while the file stays the same. */
  | { readonly type: 'fileUnusable'; readonly kind: 'status' | 'exit' }
  /** A reader of a feed skipped this many versions of a job, because newer ones replaced them before it asked. */
  | { readonly type: 'eventsCoalesced'; readonly feed: 'jobProgress' | 'jobsChanged'; readonly count: number };

/** Receives every event, synchronously: it must be quick. */
export type RunnerListener = (event: RunnerEvent) => void;

/** The one channel for events of a runner. */
export interface EventChannel {
  /** Calls every listener, in the order of their subscription. A listener that throws is logged; the others still run. */
  publish(event: RunnerEvent): void;
  subscribe(listener: RunnerListener): void;
}

export function createEventChannel(logger: Logger): EventChannel {
  const listeners: RunnerListener[] = [];
  return {
    publish(event) {
      for (const listener of listeners) {
        try {
          listener(event);
        } catch (error) {
          logger.error({ err: error, event: event.type }, 'a listener of runner events failed');
        }
      }
    },
    subscribe(listener) {
      listeners.push(listener);
    },
  };
}
