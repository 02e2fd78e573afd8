import {
  concatenate,
  type Curve,
  type Curves,
  type Metrics,
  toCurves,
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
import { CurvesDocument, FollowedChangesDocument, FollowedJobsDocument } from './operations.ts';

/** Points that the page requests for a curve: about as many as a screen has columns. */
const MAX_POINTS = 2000;
/** Points that the page requests for all curves of a job: a response of the API has at most 10,000. */
const MAX_JOB_POINTS = 9000;
/** The page downloads curves again, downsampled, when one has more points than this. */
const REREAD_POINTS = 3 * MAX_POINTS;
/** Interval at which the page reads reports that the feed has merged, ms. */
const MISSING_REPORTS_MS = 2000;

type Change = FollowedChangesSubscription['jobsChanged'];

/** A job with its current curves. */
export interface FollowedJob {
  readonly job: JobDetailFragment;
  readonly curves: Curves;
}

export interface FollowedJobsView {
  /** In the order of the requested ids, without those that do not exist. */
  readonly jobs: readonly FollowedJob[];
  readonly isLoading: boolean;
  readonly problem: string | null;
}

/** Live jobs with their metric history. */
export interface FollowedJobs {
  readonly view: Store<FollowedJobsView>;
  /** Starts to follow the jobs. Returns a function that stops it. */
  follow(): () => void;
  /** Reads the curves of a job within a range of steps, at a higher resolution. */
  readDetail(job: JobDetailFragment, range: StepRange): Promise<Curves>;
}

export function createFollowedJobs(session: Session, ids: readonly string[]): FollowedJobs {
  const jobs = new Map<string, FollowedJob>();
  const view = createStore<FollowedJobsView>({ jobs: [], isLoading: true, problem: null });
  /** Jobs whose history is being downloaded again. */
  const reading = new Set<string>();
  /** The step up to which the curves of a job have every report. After it they have only the reports of the feed. */
  const completeTo = new Map<string, number>();
  const missingReports = throttleByKey<string>(MISSING_REPORTS_MS, (id) => void readMissingReports(id));
  let unsubscribe: (() => void) | undefined;
  let isFollowing = false;

  const show = (problem: string | null = null) =>
    view.set({
      jobs: ids.map((id) => jobs.get(id)).filter((followed) => followed !== undefined),
      isLoading: false,
      problem,
    });

  async function load(): Promise<void> {
    try {
      const response = await session.query(FollowedJobsDocument, { ids: [...ids], first: Math.max(1, ids.length) });
      const found = response.jobs.edges.map(({ node }) => node);
      const curves = await Promise.all(found.map((job) => readCurves(job)));
      if (!isFollowing) return;
      jobs.clear();
      for (const [index, job] of found.entries()) {
        jobs.set(job.id, { job, curves: curves[index] ?? new Map() });
        completeTo.set(job.id, job.progress.step);
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

  async function readCurves({ id, progress }: JobDetailFragment, range?: StepRange): Promise<Curves> {
    const names = Object.keys(progress.metrics as object).length;
    const maxPoints = Math.max(1, Math.min(MAX_POINTS, Math.floor(MAX_JOB_POINTS / Math.max(1, names))));
    const { job } = await session.query(CurvesDocument, {
      id,
      maxPoints,
      ...(range && { fromStep: range.from, toStep: range.to }),
    });
    return toCurves(job?.metrics ?? []);
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
    const curves = known?.curves ?? new Map<string, Curve>();
    // A new attempt starts from the last checkpoint and repeats the steps after it.
    const before = isNewAttempt ? clip(curves, { from: 0, to: step - 1 }) : curves;
    const after = appendReport(before, { step, time: Date.parse(updatedAt), metrics: metrics as Metrics });
    jobs.set(job.id, { job, curves: after });
    // The feed may have merged the last reports; the history has all of them.
    const hasJustEnded = hasEnded(job.status) && known?.job.status !== job.status;
    if (isNewAttempt || hasJustEnded || maxLength(after) > REREAD_POINTS) void readAgain(job);
    else if (step > (completeTo.get(job.id) ?? 0)) missingReports.run(job.id);
  }

  async function readAgain(job: JobDetailFragment): Promise<void> {
    if (reading.has(job.id)) return;
    reading.add(job.id);
    const history = await readCurves(job).catch(() => null);
    reading.delete(job.id);
    const known = jobs.get(job.id);
    if (!history || !known || !isFollowing) return;
    // This history belongs to the previous attempt, whose last steps the new attempt repeats.
    if (known.job.attempt !== job.attempt) return readAgain(known.job);
    completeTo.set(job.id, job.progress.step);
    // The job may have reported more in the meantime.
    jobs.set(job.id, { ...known, curves: concatenate(history, known.curves) });
    show();
  }

  /** Reads the reports that the feed has merged. */
  async function readMissingReports(id: string): Promise<void> {
    const requested = jobs.get(id);
    if (!requested) return;
    const [from, to] = [(completeTo.get(id) ?? -1) + 1, requested.job.progress.step];
    const reports = await readCurves(requested.job, { from, to }).catch(() => null);
    const known = jobs.get(id);
    if (!reports || !isFollowing || known?.job.attempt !== requested.job.attempt) return;
    const complete = concatenate(clip(known.curves, { from: 0, to: from - 1 }), reports);
    jobs.set(id, { ...known, curves: concatenate(complete, known.curves) });
    completeTo.set(id, to);
    show();
  }

  function readAllAgain(): void {
    for (const { job } of jobs.values()) void readAgain(job);
  }

  return {
    view,
    readDetail: (job, range) => readCurves(job, range),
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
      };
    },
  };
}
