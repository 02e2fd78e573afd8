import type { ChangesOfJobsSubscription, JobRowFragment, JobStatus } from '../graphql/graphql.ts';
import { batchByFrame } from '../live/batch-by-frame.ts';
import { createRowStore, type RowStore } from '../live/row-store.ts';
import { type Session, errorMessage } from '../live/session.ts';
import { createStore, type Store } from '../live/store.ts';
import { type Counts, countForTab, toCounts, moved } from './job-counts.ts';
import { createRowOrder, mayMove } from './job-order.ts';
import { createJobPages, FIRST_PAGE } from './job-pages.ts';
import { feedFilter, isInTab, type JobQuery, ORDERS } from './job-query.ts';
import { ChangesDocument, CountsDocument } from './operations.ts';
import { deselect } from './selection.ts';

/** Minimum time between two requests for the counts, ms. */
const COUNTS_INTERVAL_MS = 1000;

type Change = ChangesOfJobsSubscription['jobsChanged'];

/** The state of the list as a whole. Each row has its own store. */
export interface JobListView {
  /** Increases when rows appear, disappear or move. */
  readonly version: number;
  /** The number of rows, loaded or not. */
  readonly length: number;
  readonly counts: Counts | null;
  readonly isLoading: boolean;
  /** Why rows are missing, for users. */
  readonly problem: string | null;
  /** True when a change may affect an order that the list does not maintain. */
  readonly isOutdated: boolean;
}

/** The list of jobs: the rows loaded so far, updated by the live feed. */
export interface JobList {
  readonly view: Store<JobListView>;
  readonly rows: Pick<RowStore<JobRowFragment>, 'get' | 'subscribe'>;
  idAt(index: number): string | undefined;
  /** Loads pages until at least `count` rows are loaded. */
  loadUpTo(count: number): void;
  /** Follows changes from the last cursor. Returns a function that stops it. */
  follow(): () => void;
  /** Loads the list again. */
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
  /** Statuses of all jobs that the server has sent, including jobs without a loaded row. */
  const statuses = new Map<string, JobStatus>();
  let changesCursor: string | undefined;
  let targetLength = FIRST_PAGE;
  let loading: Promise<void> | undefined;
  let generation = 0;
  let unsubscribe: (() => void) | undefined;
  let followers = 0;
  let countsTimer: ReturnType<typeof setTimeout> | undefined;
  /** The number of the last feed message about each job: a page that was requested earlier must not overwrite it. */
  const lastMessage = new Map<string, number>();
  let messageCount = 0;

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
    const total = merged.counts === null || pages.isComplete ? order.length : countForTab(merged.counts, query.tab);
    view.set({ ...merged, version: merged.version + 1, length: Math.max(order.length, total) });
  }

  function applyRows(nodes: readonly JobRowFragment[], since: number): void {
    for (const row of nodes) {
      if ((lastMessage.get(row.id) ?? 0) > since) continue;
      rows.set(row.id, row);
      statuses.set(row.id, row.status);
    }
    const belongsHere = (row: JobRowFragment | undefined) => row !== undefined && isInTab(query.tab, row.status);
    order.append(nodes.map(({ id }) => id).filter((id) => belongsHere(rows.get(id))));
  }

  async function loadFirst(): Promise<void> {
    const since = messageCount;
    const page = await pages.first();
    order.clear();
    lastMessage.clear();
    statuses.clear();
    ({ changesCursor } = page);
    applyRows(page.rows, since);
    show({ counts: page.counts, problem: null, isLoading: false, isOutdated: false });
    if (followers > 0) openFeed();
  }

  async function loadNext(): Promise<void> {
    const since = messageCount;
    applyRows(await pages.next(), since);
    show({ problem: null });
  }

  function load(): void {
    loading ??= (async () => {
      const startGeneration = generation;
      try {
        if (changesCursor === undefined) await loadFirst();
        while (startGeneration === generation && !pages.isComplete && order.length < targetLength) await loadNext();
      } catch (error) {
        show({ problem: errorMessage(error), isLoading: false });
      } finally {
        loading = undefined;
        if (startGeneration !== generation) load();
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
    let needsUpdate = false;
    let { counts, isOutdated } = view.get();
    for (const { kind, jobId, job } of batch) {
      const before = statuses.get(jobId) ?? null;
      const after = kind === 'REMOVED' || job === null ? null : job.status;
      if (before !== after) {
        if (counts && (before !== null || kind === 'ADDED')) counts = moved(counts, before, after);
        requestCounts();
        needsUpdate = true;
      }
      lastMessage.set(jobId, ++messageCount);
      if (after === null) statuses.delete(jobId);
      else statuses.set(jobId, after);
      if (job !== null && after !== null && isInTab(query.tab, after)) {
        isOutdated ||= mayMove(orderBy.field, rows.get(jobId), job);
        // Also without a loaded row: the page that contains the row may be older than this change.
        rows.set(jobId, job);
        needsUpdate = order.insert(job, kind === 'ADDED' || (before !== null && before !== after)) || needsUpdate;
      } else {
        needsUpdate = order.remove(jobId) || needsUpdate;
        rows.remove(jobId);
      }
    }
    deselect(
      session,
      batch.filter(({ job }) => job === null).map(({ jobId }) => jobId),
    );
    if (needsUpdate || isOutdated !== view.get().isOutdated) show({ counts, isOutdated });
  });

  function requestCounts(): void {
    countsTimer ??= setTimeout(() => {
      countsTimer = undefined;
      session.query(CountsDocument, { filter: feedFilter(query) }).then(
        ({ jobCounts }) => show({ counts: toCounts(jobCounts) }),
        // The connection is lost, which the page shows elsewhere. The next change requests the counts again.
        () => undefined,
      );
    }, COUNTS_INTERVAL_MS);
  }

  function openFeed(): void {
    if (unsubscribe || changesCursor === undefined) return;
    unsubscribe = session.subscribe(
      ChangesDocument,
      { filter: feedFilter(query), after: changesCursor },
      ({ jobsChanged: change }) => {
        changesCursor = change.cursor;
        // The server has dropped changes that this page did not receive.
        if (change.gap) reload();
        else changes.add(change.jobId, change);
      },
      (error) => show({ problem: errorMessage(error) }),
    );
  }

  function closeFeed(): void {
    unsubscribe?.();
    unsubscribe = undefined;
  }

  return {
    view,
    rows,
    reload,
    idAt: (index) => order.at(index),
    loadUpTo(count) {
      targetLength = Math.max(FIRST_PAGE, count);
      if (!pages.isComplete && order.length < targetLength) load();
    },
    follow() {
      followers += 1;
      if (changesCursor === undefined) load();
      else openFeed();
      const stopWatchingConnection = session.connection.subscribe(() => {
        if (session.connection.get().state === 'LIVE' && view.get().problem !== null) load();
      });
      return () => {
        stopWatchingConnection();
        followers -= 1;
        if (followers > 0) return;
        closeFeed();
        // The cursor is already behind these changes.
        changes.flush();
      };
    },
  };
}
