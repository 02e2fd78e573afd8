import { hasEnded } from '../../client/job-progress.ts';
import { clip, concatenate } from '../curves/curve.ts';
import type { JobDetailFragment } from '../graphql/graphql.ts';
import { throttleByKey } from '../live/throttle.ts';
import type { Session } from '../live/session.ts';
import { addNames, type FollowedJob, keepDrawn } from './followed-job.ts';
import { readCurves } from './read-curves.ts';

/** Interval at which the page reads what the feed does not have, ms. */
const INTERVAL_MS = 2000;

/** Reads the history of the followed jobs: curves that come into view, and reports that the feed has merged. */
export interface HistoryReader {
  /** Notes that the curves of a job have every report up to this step. */
  noteComplete(id: string, step: number): void;
  /** Loads the curves of a job that are drawn and not loaded yet. */
  loadNew(id: string): Promise<void>;
  /** Reads all drawn curves of a job again. */
  readAgain(job: JobDetailFragment): Promise<void>;
  /** Reads all drawn curves of a job again, now or at the end of the interval. */
  readAgainSoon(id: string): void;
  /** Reads the reports up to this step that the feed has merged, now or at the end of the interval. */
  completeSoon(id: string, step: number): void;
  /** Cancels pending reads. */
  clear(): void;
}

/**
 * @param jobs the followed jobs by id: gets what was read
 * @param onRead called after each change of `jobs`
 */
export function createHistoryReader({
  session,
  jobs,
  drawn,
  isFollowing,
  onRead,
}: {
  session: Session;
  jobs: Map<string, FollowedJob>;
  drawn: () => ReadonlySet<string>;
  isFollowing: () => boolean;
  onRead: () => void;
}): HistoryReader {
  /** Jobs whose history is being downloaded again. */
  const reading = new Set<string>();
  /** Metrics that are being loaded for the first time, by job. */
  const loading = new Map<string, Set<string>>();
  /** The step up to which the curves of a job have every report. After it they have only the reports of the feed. */
  const completeTo = new Map<string, number>();
  const missingReports = throttleByKey<string>(INTERVAL_MS, (id) => void readMissingReports(id));
  const again = throttleByKey<string>(INTERVAL_MS, (id) => {
    const followed = jobs.get(id);
    if (followed) void readAgain(followed.job);
  });

  const drawnOf = (names: ReadonlySet<string>) => [...drawn()].filter((name) => names.has(name));

  /** Loads the curves of a job that are drawn and not loaded yet. */
  async function loadNew(id: string): Promise<void> {
    const requested = jobs.get(id);
    if (!requested) return;
    const pending = loading.get(id) ?? new Set();
    loading.set(id, pending);
    const names = drawnOf(requested.names).filter((name) => !requested.curves.has(name) && !pending.has(name));
    if (names.length === 0) return;
    for (const name of names) pending.add(name);
    const read = await readCurves(session, id, names).catch(() => null);
    for (const name of names) pending.delete(name);
    const known = jobs.get(id);
    // After an error, the next read of missing reports tries again.
    if (!read || !known || !isFollowing()) return;
    if (known.job.attempt !== requested.job.attempt) return loadNew(id);
    jobs.set(id, { ...known, curves: keepDrawn(drawn(), concatenate(read.curves, known.curves)) });
    completeTo.set(id, Math.min(completeTo.get(id) ?? 0, requested.job.progress.step));
    onRead();
  }

  async function readAgain(job: JobDetailFragment): Promise<void> {
    if (reading.has(job.id)) return;
    reading.add(job.id);
    const read = await readCurves(session, job.id, drawnOf(jobs.get(job.id)?.names ?? new Set())).catch(() => null);
    reading.delete(job.id);
    const known = jobs.get(job.id);
    if (!read || !known || !isFollowing()) return;
    // This history belongs to the previous attempt, whose last steps the new attempt repeats, or lacks the last reports.
    const hasJustEnded = hasEnded(known.job.status) && !hasEnded(job.status);
    if (known.job.attempt !== job.attempt || hasJustEnded) return readAgain(known.job);
    completeTo.set(job.id, job.progress.step);
    // The job may have reported more in the meantime.
    const curves = keepDrawn(drawn(), concatenate(read.curves, known.curves));
    jobs.set(job.id, { ...known, names: addNames(known.names, read.names), curves });
    onRead();
    void loadNew(job.id);
  }

  /** Reads the reports that the feed has merged. */
  async function readMissingReports(id: string): Promise<void> {
    const requested = jobs.get(id);
    if (!requested) return;
    const [from, to] = [(completeTo.get(id) ?? -1) + 1, requested.job.progress.step];
    const read = await readCurves(session, id, [...requested.curves.keys()], { from, to }).catch(() => null);
    const known = jobs.get(id);
    if (!read || !isFollowing() || known?.job.attempt !== requested.job.attempt) return;
    const complete = concatenate(clip(known.curves, { from: 0, to: from - 1 }), read.curves);
    const curves = keepDrawn(drawn(), concatenate(complete, known.curves));
    jobs.set(id, { ...known, names: addNames(known.names, read.names), curves });
    completeTo.set(id, to);
    onRead();
    void loadNew(id);
  }

  return {
    noteComplete: (id, step) => completeTo.set(id, step),
    loadNew,
    readAgain,
    readAgainSoon: (id) => again.run(id),
    completeSoon(id, step) {
      if (step > (completeTo.get(id) ?? 0)) missingReports.run(id);
    },
    clear() {
      missingReports.clear();
      again.clear();
    },
  };
}
