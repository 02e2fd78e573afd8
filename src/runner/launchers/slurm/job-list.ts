import type { Logger } from '../../logger.ts';
import type { SlurmJob } from './slurm-job.ts';

/** The last answer of the controller about all jobs. Times are monotonic, ms. */
export interface JobSnapshot {
  readonly jobs: ReadonlyMap<string, readonly SlurmJob[]>;
  /** Time of the request: it contains every earlier change. */
  readonly askedAt: number;
}

/**
 * Asks the controller about all jobs at once, no more often than necessary, and never blocks a caller while the controller does not answer.
 */
export interface JobList {
  /** The newest snapshot; undefined before the first. Asks for a newer one if it is old. */
  newest(): JobSnapshot | undefined;
  /**
   * A snapshot that was asked for after `time`; undefined if the controller does not answer soon.
   * @param time monotonic ms
   */
  since(time: number): Promise<JobSnapshot | undefined>;
}

export interface JobListSettings {
  readonly list: () => Promise<readonly SlurmJob[]>;
  /** Time between two questions, ms. */
  readonly pollMs: number;
  readonly logger: Logger;
}

/** Maximum time that a caller waits for an answer, ms. */
const PATIENCE_MS = 2_000;
/** Time after a failed question, ms. */
const FAILED_WAIT_MS = 5_000;
/** The controller answers to this program at most this part of the time. */
const SHARE = 10;

export function createJobList({ list, pollMs, logger }: JobListSettings): JobList {
  let snapshot: JobSnapshot | undefined;
  let question: Promise<void> | undefined;
  let questionAt = -Infinity;
  let nextAt = -Infinity;
  let failed = false;

  function ask(): Promise<void> {
    if (question) return question;
    questionAt = performance.now();
    const askedAt = questionAt;
    const answer = list()
      .then((jobs) => {
        snapshot = { jobs: Map.groupBy(jobs, ({ name }) => name), askedAt };
        if (failed) logger.info({}, 'Slurm answers again');
        failed = false;
        nextAt = askedAt + Math.max(pollMs, (performance.now() - askedAt) * SHARE);
      })
      .catch((error: unknown) => {
        if (!failed) logger.warn({ err: error }, 'Slurm does not answer; jobs keep their status until it does');
        failed = true;
        nextAt = performance.now() + FAILED_WAIT_MS;
      })
      .finally(() => (question = undefined));
    question = answer;
    return answer;
  }

  return {
    newest() {
      if (!question && performance.now() >= nextAt) void ask();
      return snapshot;
    },
    async since(time) {
      const end = performance.now() + PATIENCE_MS;
      while (snapshot === undefined || snapshot.askedAt <= time) {
        if (performance.now() >= end || (failed && performance.now() < nextAt)) return undefined;
        await withPatience(ask(), end - performance.now());
      }
      return snapshot;
    },
  };
}

/** Resolves when `work` has, or after `ms`; the work continues. */
async function withPatience(work: Promise<unknown>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, patience]).finally(() => clearTimeout(timer));
}
