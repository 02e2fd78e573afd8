import type { Job } from './job/job.ts';
import type { Logger } from './logger.ts';

/**
 * Told what happens in a runner, for metrics and traces. Every method may be left out. They are called where it happens, so each
 * must be quick; what one throws is logged and goes no further.
 */
export interface RunnerObserver {
  /** A job waits for a slot: a new one, or the next attempt of one that has ended. Called within the call that asked for it. */
  jobQueued?(job: Job): void;
  /**
   * An attempt is about to be launched.
   * @returns is called once, when the process of its supervisor exists, or with why there is none
   */
  launching?(job: Job): (failure?: Error) => void;
  /** The first status of an attempt arrived, so many ms after its launch by this runner. */
  jobReported?(job: Job, sinceLaunchMs: number): void;
  /** A job has reached a terminal status. */
  jobEnded?(job: Job): void;
  /** A newer version of a status file is known, and feeds can tell it. */
  statusTaken?(taken: StatusTaken): void;
  /** A status or exit file cannot be used. Told once as long as it stays the same. */
  fileUnusable?(kind: 'status' | 'exit'): void;
  /** A reader of a feed did not get so many versions of a job, because newer ones had come before it asked. */
  eventsCoalesced?(feed: 'jobProgress' | 'jobsChanged', count: number): void;
}

/** How a version of a status file came to be known. */
export interface StatusTaken {
  /**
   * Ms from the time that the trainer wrote into it, by the clock of its machine; null for one from before the runner was opened,
   * which tells how long nobody looked and nothing of how fast the runner is.
   */
  readonly delayMs: number | null;
  /** Whether the file system told of it, or the sweep that looks at every job each second. */
  readonly foundBy: 'watch' | 'sweep';
  /** How many versions before it were replaced before they could be read. */
  readonly unread: number;
}

/** One observer that passes everything on to all of `observers`, and never throws. */
export function tellAll(observers: readonly RunnerObserver[], logger: Logger): Required<RunnerObserver> {
  function tell<Listener>(listeners: readonly Listener[], say: (listener: Listener) => void): void {
    for (const listener of listeners) {
      try {
        say(listener);
      } catch (error) {
        logger.error({ err: error }, 'an observer of the runner failed');
      }
    }
  }

  return {
    jobQueued: (job) => tell(observers, (observer) => observer.jobQueued?.(job)),
    launching(job) {
      const waiting: ((failure?: Error) => void)[] = [];
      tell(observers, (observer) => {
        const launched = observer.launching?.(job);
        if (launched) waiting.push(launched);
      });
      return (failure) => tell(waiting, (launched) => launched(failure));
    },
    jobReported: (job, sinceLaunchMs) => tell(observers, (observer) => observer.jobReported?.(job, sinceLaunchMs)),
    jobEnded: (job) => tell(observers, (observer) => observer.jobEnded?.(job)),
    statusTaken: (taken) => tell(observers, (observer) => observer.statusTaken?.(taken)),
    fileUnusable: (kind) => tell(observers, (observer) => observer.fileUnusable?.(kind)),
    eventsCoalesced: (feed, count) => tell(observers, (observer) => observer.eventsCoalesced?.(feed, count)),
  };
}
