import type { MoveJobInput, QueueStateFragment, WaitingJobFragment } from '../graphql/graphql.ts';
import { errorMessage, type Session } from '../live/session.ts';
import { createStore, type Store } from '../live/store.ts';
import { throttleByKey } from '../live/throttle.ts';
import { applyMove } from './move.ts';
import { QueueChangesDocument, ReadQueueDocument } from './operations.ts';

/** Waiting jobs that the page shows: the largest page of the API. */
const MAX_SHOWN = 200;
/** Minimum time between two requests, ms. */
const INTERVAL_MS = 500;
/** Time after which the page reads the queue again without a change of a waiting job, ms: another user may have paused it. */
const REFRESH_MS = 5000;

export interface QueueView {
  /** Null until the queue is read. */
  readonly queue: QueueStateFragment | null;
  /** The waiting jobs in order, at most the first 200. */
  readonly jobs: readonly WaitingJobFragment[];
  /** The number of waiting jobs, shown or not. */
  readonly total: number;
  /** Why the queue is not shown, for users. */
  readonly problem: string | null;
}

/** The queue, which stays current while it is followed. */
export interface LiveQueue {
  readonly view: Store<QueueView>;
  /** Reads the queue again. */
  refresh(): void;
  /** Shows a move at once, before the server has answered, and reads the queue after the answer. */
  showMove(move: MoveJobInput, answer: Promise<unknown>): void;
  /** Follows the queue. Returns a function that stops it. */
  follow(): () => void;
}

/** @param group null for all groups */
export function createLiveQueue(session: Session, group: string | null): LiveQueue {
  const view = createStore<QueueView>({ queue: null, jobs: [], total: 0, problem: null });
  /** Number of the newest request or answered move: an answer to an earlier request is out of date. */
  let newest = 0;
  /** Moves without an answer: the queue that the server has may be the one before them. */
  let moving = 0;

  async function read(): Promise<void> {
    const number = ++newest;
    try {
      const { queue, jobs } = await session.query(ReadQueueDocument, { first: MAX_SHOWN, group });
      if (number !== newest || moving > 0) return;
      // A job that is about to be launched has left the queue.
      const waiting = jobs.edges.map(({ node }) => node).filter(({ queuePosition }) => queuePosition !== null);
      view.set({ queue, jobs: waiting, total: jobs.totalCount, problem: null });
    } catch (error) {
      if (number === newest) view.set({ ...view.get(), problem: errorMessage(error) });
    }
  }

  const requests = throttleByKey<'QUEUE'>(INTERVAL_MS, () => void read());
  const refresh = () => requests.run('QUEUE');

  return {
    view,
    refresh,
    showMove(move, answer) {
      moving += 1;
      const settle = () => {
        moving -= 1;
        newest += 1;
        refresh();
      };
      answer.then(settle, settle);
      const { jobs } = view.get();
      const byId = new Map(jobs.map((job) => [job.id, job]));
      const ids = applyMove([...byId.keys()], move);
      view.set({ ...view.get(), jobs: ids.map((id) => byId.get(id)).filter((job) => job !== undefined) });
    },
    follow() {
      refresh();
      const unsubscribe = session.subscribe(QueueChangesDocument, {}, refresh);
      const stopWatchingConnection = session.connection.subscribe(() => {
        if (session.connection.get().state === 'LIVE') refresh();
      });
      const timer = setInterval(() => {
        if (document.visibilityState === 'visible') refresh();
      }, REFRESH_MS);
      return () => {
        clearInterval(timer);
        stopWatchingConnection();
        unsubscribe();
        requests.clear();
      };
    },
  };
}
