import {
  appendReport,
  clip,
  type Curves,
  maxLength,
  type Metrics,
  needsHistory,
  type StepRange,
} from '../curves/curve.ts';
import { hasEnded } from '../../client/job-progress.ts';
import type { FollowedChangesSubscription, JobDetailFragment } from '../graphql/graphql.ts';
import { batchByFrame } from '../live/batch-by-frame.ts';
import { type Session, errorMessage } from '../live/session.ts';
import { createStore, type Store } from '../live/store.ts';
import { createDrawnMetrics } from './drawn-metrics.ts';
import { addNames, type FollowedJob, keepDrawn } from './followed-job.ts';
import { createHistoryReader } from './history-reader.ts';
import { FollowedChangesDocument, FollowedJobsDocument } from './operations.ts';
import { MAX_POINTS, readCurves } from './read-curves.ts';

/** The page downloads curves again, downsampled, when one has more points than this. */
const REREAD_POINTS = 3 * MAX_POINTS;

type Change = FollowedChangesSubscription['jobsChanged'];

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
      jobs.set(id, { ...followed, curves: keepDrawn(drawn.get(), followed.curves) });
      void history.loadNew(id);
    }
    show();
  });
  const history = createHistoryReader({
    session,
    jobs,
    drawn: () => drawn.get(),
    isFollowing: () => isFollowing,
    onRead: () => show(),
  });
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
        jobs.set(id, { ...followed, curves: keepDrawn(drawn.get(), followed.curves) });
        history.noteComplete(id, progress.step);
        void history.loadNew(id);
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
    const report = { step, time: Date.parse(updatedAt), metrics: metrics as Metrics };
    const after = appendReport(before, report);
    const names = addNames(known?.names ?? new Set(), Object.keys(metrics as Metrics));
    jobs.set(job.id, { job, names, curves: after });
    if (names !== known?.names) void history.loadNew(job.id);
    // The feed may have merged the last reports; the history has all of them.
    const hasJustEnded = hasEnded(job.status) && known?.job.status !== job.status;
    if (isNewAttempt || hasJustEnded || maxLength(after) > REREAD_POINTS) void history.readAgain(job);
    else if (needsHistory(before, report)) history.readAgainSoon(job.id);
    else history.completeSoon(job.id, step);
  }

  function readAllAgain(): void {
    for (const { job } of jobs.values()) void history.readAgain(job);
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
        history.clear();
        drawn.clear();
      };
    },
  };
}
