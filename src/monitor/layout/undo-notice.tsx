import { createDeletions } from '../live/deletions.ts';
import { useSession } from '../live/session-context.ts';
import { useStore } from '../live/store.ts';

/** Names the items that are being deleted, with a button to undo the deletion. */
export function UndoNotice() {
  const deletions = useSession().getOrCreate(createDeletions);
  const state = useStore(deletions.view);
  if (state.kind === 'NONE') return null;
  return (
    <section className="card undo-notice" aria-label="Deletion">
      {state.kind === 'PENDING' ? (
        <>
          <span role="status">Deleting {state.what}.</span>
          <button type="button" className="button" onClick={deletions.undo}>
            Undo
          </button>
        </>
      ) : (
        <>
          <span role="alert" className="error-text">
            {state.message}
          </span>
          <button type="button" className="button quiet" onClick={deletions.dismiss}>
            Close
          </button>
        </>
      )}
    </section>
  );
}
