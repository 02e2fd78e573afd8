import { errorMessage } from './session.ts';
import { createStore, type Store } from './store.ts';

/** Time in which a user can undo a deletion, ms. */
const UNDO_MS = 8000;

/** A deletion that a user has asked for. */
export interface Deletion {
  /** For example `3 jobs`. */
  readonly what: string;
  /** Ids or names of what is deleted, which lists show as such. */
  readonly keys: ReadonlySet<string>;
  /**
   * Deletes.
   * @param keepalive the page is being closed: the request must outlive it
   * @returns null on success, or an error message for users
   */
  readonly run: (keepalive: boolean) => Promise<string | null>;
}

export type DeletionsView =
  | { readonly kind: 'NONE' }
  | ({ readonly kind: 'PENDING' } & Pick<Deletion, 'what' | 'keys'>)
  | { readonly kind: 'FAILED'; readonly message: string };

/** Deletions that wait for some seconds, so that a user can undo them. At most one waits: the next one executes it at once. */
export interface Deletions {
  readonly view: Store<DeletionsView>;
  schedule(deletion: Deletion): void;
  undo(): void;
  /** Hides the message of a failed deletion. */
  dismiss(): void;
}

/** For `Session.getOrCreate`. */
export function createDeletions(): Deletions {
  const view = createStore<DeletionsView>({ kind: 'NONE' });
  let waiting: { readonly deletion: Deletion; readonly timer: ReturnType<typeof setTimeout> } | undefined;

  function take(): Deletion | undefined {
    const deletion = waiting?.deletion;
    clearTimeout(waiting?.timer);
    waiting = undefined;
    return deletion;
  }

  async function run(keepalive: boolean): Promise<void> {
    const deletion = take();
    if (deletion === undefined) return;
    const message = await deletion.run(keepalive).catch(errorMessage);
    // A later deletion may be waiting.
    if (waiting === undefined) view.set(message === null ? { kind: 'NONE' } : { kind: 'FAILED', message });
  }

  // Closing the page does not undo the deletion.
  addEventListener('pagehide', () => void run(true));

  return {
    view,
    schedule(deletion) {
      void run(false);
      waiting = { deletion, timer: setTimeout(() => void run(false), UNDO_MS) };
      view.set({ kind: 'PENDING', what: deletion.what, keys: deletion.keys });
    },
    undo() {
      take();
      view.set({ kind: 'NONE' });
    },
    dismiss: () => view.set({ kind: 'NONE' }),
  };
}
