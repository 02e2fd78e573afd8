import { useState } from 'react';
import { Link } from 'wouter';
import { useRights } from '../access/rights.ts';
import { createDeletions } from '../live/deletions.ts';
import { useSession } from '../live/session-context.ts';
import { useAction } from '../live/use-action.ts';
import { type BulkResult, deleteJobs, jobs, stopJobs, tagJobs } from './bulk-actions.ts';
import { MAX_COMPARED, MAX_SELECTED, useSelection, useSelectionInAddress } from './selection.ts';

/** Actions for the selected jobs: compare, stop, tag, delete. */
export function SelectionBar() {
  const session = useSession();
  const { ids, isFull, clear } = useSelection();
  useSelectionInAddress(ids);
  const { canStart } = useRights();
  const [isTagging, setTagging] = useState(false);
  const [result, setResult] = useState<BulkResult | null>(null);
  const act = useAction(async (work: () => Promise<BulkResult>) => {
    setResult(null);
    setResult(await work());
    return null;
  }, ids.join());
  if (ids.length === 0) return null;
  const deletions = session.getOrCreate(createDeletions);
  const remove = () => {
    deletions.schedule({
      what: jobs(ids.length),
      keys: new Set(ids),
      run: (keepalive) => deleteJobs(session, ids, keepalive),
    });
    clear();
  };
  return (
    <section className="card selection-bar" aria-label="Selected jobs">
      <span role="status">{`${jobs(ids.length)} selected`}</span>
      {ids.length <= MAX_COMPARED ? (
        <Link href={`/compare?jobs=${ids.join(',')}`} className="button primary">
          Compare
        </Link>
      ) : (
        <span className="hint">Compare shows at most {MAX_COMPARED}.</span>
      )}
      {canStart && (
        <>
          <button
            type="button"
            className="button"
            disabled={act.isBusy}
            onClick={() => act.run(() => stopJobs(session, ids))}
          >
            Stop
          </button>
          <button type="button" className="button" aria-expanded={isTagging} onClick={() => setTagging(!isTagging)}>
            Tag
          </button>
          <button type="button" className="button danger" disabled={act.isBusy} onClick={remove}>
            Delete
          </button>
        </>
      )}
      <button type="button" className="button quiet" onClick={clear}>
        Clear
      </button>
      {isTagging && (
        <form
          className="selection-tag"
          onSubmit={(event) => {
            event.preventDefault();
            const tag = new FormData(event.currentTarget).get('tag');
            if (typeof tag !== 'string' || tag.trim() === '') return;
            setTagging(false);
            act.run(() => tagJobs(session, ids, tag.trim()));
          }}
        >
          <label>
            <span className="visually-hidden">Tag to add</span>
            <input name="tag" placeholder="Tag to add" maxLength={64} autoComplete="off" autoFocus required />
          </label>
          <button className="button">Add tag</button>
        </form>
      )}
      {isFull && <p role="alert">At most {MAX_SELECTED} jobs can be selected. Clear some first.</p>}
      {act.error !== null && (
        <p className="error-text" role="alert">
          {act.error}
        </p>
      )}
      {result !== null && (
        <p className={result.isBad ? 'error-text' : 'hint'} role="status">
          {result.message}.
        </p>
      )}
    </section>
  );
}
