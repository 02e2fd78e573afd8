import { useRef } from 'react';
import { useLocation } from 'wouter';
import { Icon } from '../layout/icon.tsx';
import { useSession } from '../live/session-context.ts';
import { useAction } from '../live/use-action.ts';
import { DeleteDocument } from './operations.ts';

/** Deletes a job that has ended, after asking. */
export function DeleteButton({ id }: { id: string }) {
  const session = useSession();
  const dialog = useRef<HTMLDialogElement>(null);
  const [, navigate] = useLocation();
  const remove = useAction(async () => {
    const { deleteJobs: result } = await session.change(DeleteDocument, { id });
    if ('message' in result) return result.message;
    if (result.deletedIds.length === 0) return 'It is not deleted: it waits to be started again, or runs.';
    dialog.current?.close();
    navigate('/', { replace: true });
    return null;
  });
  return (
    <>
      <button type="button" className="button danger" onClick={() => dialog.current?.showModal()}>
        <Icon name="trash" />
        Delete
      </button>
      <dialog ref={dialog} className="card dialog" aria-labelledby={`delete-${id}`}>
        <h2 id={`delete-${id}`}>Delete this job?</h2>
        <p>Its model, its curves and its log are deleted with it. There is no way back.</p>
        {remove.complaint !== null && (
          <p className="complaint" role="alert">
            {remove.complaint}
          </p>
        )}
        <div className="dialog-buttons">
          <button type="button" className="button" autoFocus onClick={() => dialog.current?.close()}>
            Keep it
          </button>
          <button type="button" className="button danger" disabled={remove.isBusy} onClick={() => remove.run()}>
            Delete
          </button>
        </div>
      </dialog>
    </>
  );
}
