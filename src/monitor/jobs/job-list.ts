import type { ChangesOfJobsSubscription, JobRowFragment, JobStatus } from '../graphql/graphql.ts';
import { batchByFrame } from '../live/batch-by-frame.ts';
import { createRowStore, type RowStore } from '../live/row-store.ts';
import { type Session, sentenceOf } from '../live/session.ts';
import { createStore, type Store } from '../live/store.ts';
import { type Counts, countOfTab, countsOf, moved } from './job-counts.ts';
import { createRowOrder, mayMove } from './job-order.ts';
import { createJobPages, FIRST_PAGE } from './job-pages.ts';
import { feedFilter, isShown, type JobQuery, ORDERS } from './job-query.ts';
import { ChangesDocument, CountsDocument } from './operations.ts';

/** After a change of status the counts are asked for again, at most this often, ms. */
const COUNTS_PAUSE_MS = 1000;

type Change = ChangesOfJobsSubscription['jobsChanged'];

/** What the list as a whole looks like; single rows are told of by themselves. */
export interface JobListView {
  /** Rises when other rows are shown, or in another order. */
  readonly version: number;
  /** How many rows there are, loaded or not. */
  readonly length: number;
  readonly counts: Counts | null;
  readonly isLoading: boolean;
  /** Why rows are missing, as a sentence. */
  readonly problem: string | null;
  /** True when something happened that may have changed an order which the list does not keep by itself. */
  readonly isOutdated: boolean;
}

/** The list of jobs: as much of it as was looked at, kept true by the live feed. */
export interface JobList {
  readonly view: Store<JobListView>;
  readonly rows: Pick<RowStore<JobRowFragment>, 'get' | 'subscribe'>;
  idAt(index: number): string | undefined;
  /** Loads on until so many rows are there. */
  need(count: number): void;
  /** Follows what changes, from where it was left. Returns what leaves it. */
  follow(): () => void;
  /** Reads the list anew. */
  reload(): void;
}

export function createJobList(session: Session, query: JobQuery): JobList {
  const orderBy = ORDERS[query.order];
  const pages = createJobPages(session, query);
  const rows = createRowStore<JobRowFragment>();
  const order = createRowOrder(
    orderBy.field === 'CREATED_AT' ? orderBy.direction : null,
    rows.get,
    () => pages.isComplete,
  );
  /** Of every job that was ever told of, also of those that no row is loaded for. */
  const statuses = new Map<string, JobStatus>();
  let changesCursor: string | undefined;
  let wanted = FIRST_PAGE;
  let loading: Promise<void> | undefined;
  let generation = 0;
  let leaveFeed: (() => void) | undefined;
  let followers = 0;
  let countsTimer: ReturnType<typeof setTimeout> | undefined;
  /** When the feed told of a job last, counted in messages: a page that was asked for before must not undo that. */
  const touched = new Map<string, number>();
  let touches = 0;

  const view = createStore<JobListView>({
    version: 0,
    length: 0,
    counts: null,
    isLoading: true,
    problem: null,
    isOutdated: false,
  });

  function show(next: Partial<JobListView> = {}): void {
    const merged = { ...view.get(), ...next };
    const total = merged.counts === null || pages.isComplete ? order.length : countOfTab(merged.counts, query.tab);
    view.set({ ...merged, version: merged.version + 1, length: Math.max(order.length, total) });
  }

  function take(nodes: readonly JobRowFragment[], since: number): void {
    for (const row of nodes) {
      if ((touched.get(row.id) ?? 0) > since) continue;
      rows.set(row.id, row);
      statuses.set(row.id, row.status);
    }
    const isStill = (row: JobRowFragment | undefined) => row !== undefined && isShown(query.tab, row.status);
    order.append(nodes.map(({ id }) => id).filter((id) => isStill(rows.get(id))));
  }

  async function loadFirst(): Promise<void> {
    const since = touches;
    const page = await pages.first();
    order.clear();
    touched.clear();
    statuses.clear();
    ({ changesCursor } = page);
    take(page.rows, since);
    show({ counts: page.counts, problem: null, isLoading: false, isOutdated: false });
    if (followers > 0) openFeed();
  }

  async function loadNext(): Promise<void> {
    const since = touches;
    take(await pages.next(), since);
    show({ problem: null });
  }

  function load(): void {
    loading ??= (async () => {
      const mine = generation;
      try {
        if (changesCursor === undefined) await loadFirst();
        while (mine === generation && !pages.isComplete && order.length < wanted) await loadNext();
      } catch (error) {
        show({ problem: sentenceOf(error), isLoading: false });
      } finally {
        loading = undefined;
        if (mine !== generation) load();
      }
    })();
  }

  function reload(): void {
    generation += 1;
    closeFeed();
    changes.clear();
    changesCursor = undefined;
    load();
  }

  const changes = batchByFrame<string, Change>((batch) => {
    let isOther = false;
    let { counts, isOutdated } = view.get();
    for (const { kind, jobId, job } of batch) {
      const before = statuses.get(jobId) ?? null;
      const after = kind === 'REMOVED' || job === null ? null : job.status;
      if (before !== after) {
        if (counts && (before !== null || kind === 'ADDED')) counts = moved(counts, before, after);
        askForCounts();
        isOther = true;
      }
      touched.set(jobId, ++touches);
      if (after === null) statuses.delete(jobId);
      else statuses.set(jobId, after);
      if (job !== null && after !== null && isShown(query.tab, after)) {
        isOutdated ||= mayMove(orderBy.field, rows.get(jobId), job);
        // Also where no row is loaded for it yet: the page that brings one may be older.
        rows.set(jobId, job);
        isOther = order.insert(job, kind === 'ADDED' || (before !== null && before !== after)) || isOther;
      } else {
        isOther = order.remove(jobId) || isOther;
        rows.remove(jobId);
      }
    }
    if (isOther || isOutdated !== view.get().isOutdated) show({ counts, isOutdated });
  });

  function askForCounts(): void {
    countsTimer ??= setTimeout(() => {
      countsTimer = undefined;
      session.ask(CountsDocument, { filter: feedFilter(query) }).then(
        ({ jobCounts }) => show({ counts: countsOf(jobCounts) }),
        // The connection is lost, which is said elsewhere; what changes after that asks again.
        () => undefined,
      );
    }, COUNTS_PAUSE_MS);
  }

  function openFeed(): void {
    if (leaveFeed || changesCursor === undefined) return;
    leaveFeed = session.watch(
      ChangesDocument,
      { filter: feedFilter(query), after: changesCursor },
      ({ jobsChanged: change }) => {
        changesCursor = change.cursor;
        // Too much has happened to tell it one by one.
        if (change.gap) reload();
        else changes.add(change.jobId, change);
      },
      (error) => show({ problem: sentenceOf(error) }),
    );
  }

  function closeFeed(): void {
    leaveFeed?.();
    leaveFeed = undefined;
  }

  return {
    view,
    rows,
    reload,
    idAt: (index) => order.at(index),
    need(count) {
      wanted = Math.max(FIRST_PAGE, count);
      if (!pages.isComplete && order.length < wanted) load();
    },
    follow() {
      followers += 1;
      if (changesCursor === undefined) load();
      else openFeed();
      const stopHealing = session.connection.subscribe(() => {
        if (session.connection.get().state === 'LIVE' && view.get().problem !== null) load();
      });
      return () => {
        stopHealing();
        followers -= 1;
        if (followers > 0) return;
        closeFeed();
        // The cursor has passed them.
        changes.flush();
      };
    },
  };
}
