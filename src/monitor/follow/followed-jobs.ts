import {
  concatenate,
  type Curves,
  type Metrics,
  maxLength,
  type StepRange,
  clip,
  appendReport,
} from '../curves/curve.ts';
import type { FollowedChangesSubscription, JobDetailFragment } from '../graphql/graphql.ts';
import { hasEnded } from '../jobs/status.tsx';
import { throttleByKey } from '../live/throttle.ts';
import { batchByFrame } from '../live/batch-by-frame.ts';
import { type Session, errorMessage } from '../live/session.ts';
import { createStore, type Store } from '../live/store.ts';
import { createDrawnMetrics } from './drawn-metrics.ts';
import { FollowedChangesDocument, FollowedJobsDocument } from './operations.ts';
import { MAX_POINTS, readCurves } from './read-curves.ts';

/** The page downloads curves again, downsampled, when one has more points than this. */
const REREAD_POINTS = 3 * MAX_POINTS;
/** Interval at which the page reads reports that the feed has merged, ms. */
const MISSING_REPORTS_MS = 2000;

type Change = FollowedChangesSubscription['jobsChanged'];

/** A job with the current curves of the metrics that are drawn. */
export interface FollowedJob {
  readonly job: JobDetailFragment;
  /** All its metrics. The same set until there is a new name. */
  readonly names: ReadonlySet<string>;
  /** Curves of drawn metrics, as far as they are loaded. */
  readonly curves: Curves;
}

export interface FollowedJobsView {
  /** In the order of the requested ids, without those that do not exist. */
  readonly jobs: readonly FollowedJob[];
  /** The metrics whose charts are drawn. The same set until it changes. */
  readonly drawn: ReadonlySet<string>;
  readonly isLoading: boolean;
  readonly problem: string | null;
}

/** Live jobs with their metric history. Only the curves of drawn metrics are loaded and updated. */
export interface FollowedJobs {
  readonly view: Store<FollowedJobsView>;
  /** Starts to follow the jobs. Returns a function that stops it. */
  follow(): () => void;
  /** Loads the curves of these metrics, and keeps them current until the returned function is called. */
  draw(names: readonly string[]): () => void;
  /** Reads the drawn curves of a job within a range of steps, at a higher resolution. */
  readDetail(job: FollowedJob, range: StepRange): Promise<Curves>;
}

export function createFollowedJobs(session: Session, ids: readonly string[]): FollowedJobs {
  const jobs = new Map<string, FollowedJob>();
  const view = createStore<FollowedJobsView>({ jobs: [], drawn: new Set(), isLoading: true, problem: null });
  const drawn = createDrawnMetrics(() => {
    for (const [id, followed] of jobs) {
      jobs.set(id, { ...followed, curves: keepDrawn(followed.curves) });
      void loadCurves(id);
    }
    show();
  });
  /** Jobs whose history is being downloaded again. */
  const reading = new Set<string>();
  /** Metrics that are being loaded for the first time, by job. */
  const loading = new Map<string, Set<string>>();
  /** The step up to which the curves of a job have every report. After it they have only the reports of the feed. */
  const completeTo = new Map<string, number>();
  const missingReports = throttleByKey<string>(MISSING_REPORTS_MS, (id) => void readMissingReports(id));
  let unsubscribe: (() => void) | undefined;
  let isFollowing = false;

  const show = (problem: string | null = null) =>
    view.set({
      jobs: ids.map((id) => jobs.get(id)).filter((followed) => followed !== undefined),
      drawn: drawn.get(),
      isLoading: false,
      problem,
    });

  const drawnOf = (names: ReadonlySet<string>) => [...drawn.get()].filter((name) => names.has(name));
  const keepDrawn = (curves: Curves): Curves => new Map([...curves].filter(([name]) => drawn.get().has(name)));

  async function load(): Promise<void> {
    try {
      const response = await session.query(FollowedJobsDocument, { ids: [...ids], first: Math.max(1, ids.length) });
      const found = await Promise.all(
        response.jobs.edges.map(async ({ node: { names: series, ...job } }): Promise<FollowedJob> => {
          const names = new Set(series.map(({ name }) => name));
          const { curves } = await readCurves(session, job.id, drawnOf(names));
          return { job, names, curves };
        }),
      );
      if (!isFollowing) return;
      jobs.clear();
      for (const followed of found) {
        const { id, progress } = followed.job;
        jobs.set(id, { ...followed, curves: keepDrawn(followed.curves) });
        completeTo.set(id, progress.step);
        void loadCurves(id);
      }
      show();
      unsubscribe?.();
      unsubscribe = session.subscribe(
        FollowedChangesDocument,
        { ids: [...ids], after: response.jobs.changesCursor },
        ({ jobsChanged: change }) => {
          if (change.gap) void load();
          else changes.add(change.jobId, change);
        },
        (error) => show(errorMessage(error)),
      );
    } catch (error) {
      show(errorMessage(error));
    }
  }

  const changes = batchByFrame<string, Change>((batch) => {
    for (const { jobId, job } of batch) {
      const known = jobs.get(jobId);
      if (job === null) jobs.delete(jobId);
      else applyChange(job, known);
    }
    show();
  });

  function applyChange(job: JobDetailFragment, known: FollowedJob | undefined): void {
    const { step, metrics, updatedAt } = job.progress;
    const isNewAttempt = known?.job.attempt !== job.attempt;
    const curves: Curves = known?.curves ?? new Map();
    // A new attempt starts from the last checkpoint and repeats the steps after it.
    const before = isNewAttempt ? clip(curves, { from: 0, to: step - 1 }) : curves;
    const after = appendReport(before, { step, time: Date.parse(updatedAt), metrics: metrics as Metrics });
    const names = addNames(known?.names ?? new Set(), Object.keys(metrics as Metrics));
    jobs.set(job.id, { job, names, curves: after });
    if (names !== known?.names) void loadCurves(job.id);
    // The feed may have merged the last reports; the history has all of them.
    const hasJustEnded = hasEnded(job.status) && known?.job.status !== job.status;
    if (isNewAttempt || hasJustEnded || maxLength(after) > REREAD_POINTS) void readAgain(job);
    else if (step > (completeTo.get(job.id) ?? 0)) missingReports.run(job.id);
  }

  /** Loads the curves of a job that are drawn and not loaded yet. */
  async function loadCurves(id: string): Promise<void> {
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
    if (!read || !known || !isFollowing) return;
    if (known.job.attempt !== requested.job.attempt) return loadCurves(id);
    jobs.set(id, { ...known, curves: keepDrawn(concatenate(read.curves, known.curves)) });
    completeTo.set(id, Math.min(completeTo.get(id) ?? 0, requested.job.progress.step));
    show();
  }

  async function readAgain(job: JobDetailFragment): Promise<void> {
    if (reading.has(job.id)) return;
    reading.add(job.id);
    const read = await readCurves(session, job.id, drawnOf(jobs.get(job.id)?.names ?? new Set())).catch(() => null);
    reading.delete(job.id);
    const known = jobs.get(job.id);
    if (!read || !known || !isFollowing) return;
    // This history belongs to the previous attempt, whose last steps the new attempt repeats.
    if (known.job.attempt !== job.attempt) return readAgain(known.job);
    completeTo.set(job.id, job.progress.step);
    // The job may have reported more in the meantime.
    const curves = keepDrawn(concatenate(read.curves, known.curves));
    jobs.set(job.id, { ...known, names: addNames(known.names, read.names), curves });
    show();
    void loadCurves(job.id);
  }

  /** Reads the reports that the feed has merged. */
  async function readMissingReports(id: string): Promise<void> {
    const requested = jobs.get(id);
    if (!requested) return;
    const [from, to] = [(completeTo.get(id) ?? -1) + 1, requested.job.progress.step];
    const read = await readCurves(session, id, [...requested.curves.keys()], { from, to }).catch(() => null);
    const known = jobs.get(id);
    if (!read || !isFollowing || known?.job.attempt !== requested.job.attempt) return;
    const complete = concatenate(clip(known.curves, { from: 0, to: from - 1 }), read.curves);
    const curves = keepDrawn(concatenate(complete, known.curves));
    jobs.set(id, { ...known, names: addNames(known.names, read.names), curves });
    completeTo.set(id, to);
    show();
    void loadCurves(id);
  }

  function readAllAgain(): void {
    for (const { job } of jobs.values()) void readAgain(job);
  }

  return {
    view,
    draw: (names) => drawn.add(names),
    async readDetail({ job, names }, range) {
      return (await readCurves(session, job.id, drawnOf(names), range)).curves;
    },
    follow() {
      isFollowing = true;
      void load();
      const stopWatchingConnection = session.connection.subscribe(() => {
        const state = session.connection.get();
        if (state.state !== 'LIVE') return;
        if (view.get().problem !== null) void load();
        // The feed resumes with the newest values. The history has the reports in between.
        else if (state.reconnected) readAllAgain();
      });
      // A hidden page has no animation frames, so it kept only the newest message of each job.
      const onVisible = () => {
        if (document.visibilityState === 'visible') readAllAgain();
      };
      document.addEventListener('visibilitychange', onVisible);
      return () => {
        isFollowing = false;
        document.removeEventListener('visibilitychange', onVisible);
        stopWatchingConnection();
        unsubscribe?.();
        unsubscribe = undefined;
        changes.clear();
        missingReports.clear();
        drawn.clear();
      };
    },
  };
}

/** These names and new ones. The same set if none is new. */
function addNames(names: ReadonlySet<string>, others: readonly string[]): ReadonlySet<string> {
  return others.every((name) => names.has(name)) ? names : new Set([...names, ...others]);
}
