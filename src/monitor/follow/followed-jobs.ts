import {
  continued,
  type Curve,
  type Curves,
  curvesOf,
  longest,
  type StepRange,
  within,
  withReport,
} from '../curves/curve.ts';
import type { FollowedChangesSubscription, JobDetailFragment } from '../graphql/graphql.ts';
import { hasEnded } from '../jobs/status.tsx';
import { atMostEvery } from '../live/at-most-every.ts';
import { batchByFrame } from '../live/batch-by-frame.ts';
import { type Session, sentenceOf } from '../live/session.ts';
import { createStore, type Store } from '../live/store.ts';
import { CurvesDocument, FollowedChangesDocument, FollowedJobsDocument } from './operations.ts';

/** Points of a curve that the page asks for: a screen is hardly wider. */
const MAX_POINTS = 2000;
/** Points of all curves of a job together: one answer of the API holds no more than 10,000. */
const ALL_POINTS = 9000;
/** Curves that have grown to this are thinned again. */
const TOO_MANY_POINTS = 3 * MAX_POINTS;
/** What was reported between two messages of the feed is read this often, ms, while there is any. */
const FILL_IN_MS = 2000;

type Change = FollowedChangesSubscription['jobsChanged'];

/** A job with its curves, as they are now. */
export interface FollowedJob {
  readonly job: JobDetailFragment;
  readonly curves: Curves;
}

export interface FollowedJobsView {
  /** In the order in which they were asked for; those that do not exist are left out. */
  readonly jobs: readonly FollowedJob[];
  readonly isLoading: boolean;
  readonly problem: string | null;
}

/** Some jobs, live, with the history of their metrics. */
export interface FollowedJobs {
  readonly view: Store<FollowedJobsView>;
  /** Begins to follow them. Returns what ends it. */
  follow(): () => void;
  /** The curves of a job within a range of steps, in detail. */
  readDetail(job: JobDetailFragment, range: StepRange): Promise<Curves>;
}

export function createFollowedJobs(session: Session, ids: readonly string[]): FollowedJobs {
  const jobs = new Map<string, FollowedJob>();
  const view = createStore<FollowedJobsView>({ jobs: [], isLoading: true, problem: null });
  /** Jobs whose history is being read again. */
  const reading = new Set<string>();
  /** Up to which step the curves of a job have every report; behind it only those that the feed happened to tell. */
  const completeTo = new Map<string, number>();
  const gaps = atMostEvery<string>(FILL_IN_MS, (id) => void fillIn(id));
  let leaveFeed: (() => void) | undefined;
  let isFollowing = false;

  const show = (problem: string | null = null) =>
    view.set({
      jobs: ids.map((id) => jobs.get(id)).filter((followed) => followed !== undefined),
      isLoading: false,
      problem,
    });

  async function load(): Promise<void> {
    try {
      const answer = await session.ask(FollowedJobsDocument, { ids: [...ids], first: Math.max(1, ids.length) });
      const found = answer.jobs.edges.map(({ node }) => node);
      const curves = await Promise.all(found.map((job) => readCurves(job)));
      if (!isFollowing) return;
      jobs.clear();
      for (const [index, job] of found.entries()) {
        jobs.set(job.id, { job, curves: curves[index] ?? new Map() });
        completeTo.set(job.id, job.progress.step);
      }
      show();
      leaveFeed?.();
      leaveFeed = session.watch(
        FollowedChangesDocument,
        { ids: [...ids], after: answer.jobs.changesCursor },
        ({ jobsChanged: change }) => {
          if (change.gap) void load();
          else changes.add(change.jobId, change);
        },
        (error) => show(sentenceOf(error)),
      );
    } catch (error) {
      show(sentenceOf(error));
    }
  }

  async function readCurves({ id, progress }: JobDetailFragment, range?: StepRange): Promise<Curves> {
    const names = Object.keys(progress.metrics as object).length;
    const maxPoints = Math.max(1, Math.min(MAX_POINTS, Math.floor(ALL_POINTS / Math.max(1, names))));
    const { job } = await session.ask(CurvesDocument, {
      id,
      maxPoints,
      ...(range && { fromStep: range.from, toStep: range.to }),
    });
    return curvesOf(job?.metrics ?? []);
  }

  const changes = batchByFrame<string, Change>((batch) => {
    for (const { jobId, job } of batch) {
      const known = jobs.get(jobId);
      if (job === null) jobs.delete(jobId);
      else take(job, known);
    }
    show();
  });

  function take(job: JobDetailFragment, known: FollowedJob | undefined): void {
    const { step, metrics } = job.progress;
    const isOther = known?.job.attempt !== job.attempt;
    const curves = known?.curves ?? new Map<string, Curve>();
    // A new attempt goes on from what was saved, and does again what came after that.
    const before = isOther ? within(curves, { from: 0, to: step - 1 }) : curves;
    const after = withReport(before, step, metrics as Record<string, number | null>);
    jobs.set(job.id, { job, curves: after });
    // What reports were merged on the way here, the history has.
    const hasJustEnded = hasEnded(job.status) && known?.job.status !== job.status;
    if (isOther || hasJustEnded || longest(after) > TOO_MANY_POINTS) void readAgain(job);
    else if (step > (completeTo.get(job.id) ?? 0)) gaps.ask(job.id);
  }

  async function readAgain(job: JobDetailFragment): Promise<void> {
    if (reading.has(job.id)) return;
    reading.add(job.id);
    const history = await readCurves(job).catch(() => null);
    reading.delete(job.id);
    const known = jobs.get(job.id);
    if (!history || !known || !isFollowing) return;
    // Of the attempt before, which did steps that this one does again.
    if (known.job.attempt !== job.attempt) return readAgain(known.job);
    completeTo.set(job.id, job.progress.step);
    // By now it may have reported more.
    jobs.set(job.id, { ...known, curves: continued(history, known.curves) });
    show();
  }

  /** The feed merges what comes too quickly; the history has every report. */
  async function fillIn(id: string): Promise<void> {
    const asked = jobs.get(id);
    if (!asked) return;
    const [from, to] = [(completeTo.get(id) ?? -1) + 1, asked.job.progress.step];
    const reports = await readCurves(asked.job, { from, to }).catch(() => null);
    const known = jobs.get(id);
    if (!reports || !isFollowing || known?.job.attempt !== asked.job.attempt) return;
    const complete = continued(within(known.curves, { from: 0, to: from - 1 }), reports);
    jobs.set(id, { ...known, curves: continued(complete, known.curves) });
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
      const stopHealing = session.connection.subscribe(() => {
        const state = session.connection.get();
        if (state.state !== 'LIVE') return;
        if (view.get().problem !== null) void load();
        // The feed only tells of the newest numbers; the history has what came while nobody listened.
        else if (state.healed) readAllAgain();
      });
      // A hidden page has no frames, and took only the newest of what came.
      const onVisible = () => {
        if (document.visibilityState === 'visible') readAllAgain();
      };
      document.addEventListener('visibilitychange', onVisible);
      return () => {
        isFollowing = false;
        document.removeEventListener('visibilitychange', onVisible);
        stopHealing();
        leaveFeed?.();
        leaveFeed = undefined;
        changes.clear();
        gaps.clear();
      };
    },
  };
}
