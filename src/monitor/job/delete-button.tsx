import { useRef } from 'react';
import { useLocation } from 'wouter';
import { Icon } from '../layout/icon.tsx';
import { useSession } from '../live/session-context.ts';
import { useAction } from '../live/use-action.ts';
import { DeleteDocument } from './operations.ts';

/** Deletes an ended job after a confirmation. */
export function DeleteButton({ id }: { id: string }) {
  const session = useSession();
  const dialog = useRef<HTMLDialogElement>(null);
  const [, navigate] = useLocation();
  const remove = useAction(async () => {
    const { deleteJobs: result } = await session.mutate(DeleteDocument, { id });
    if ('message' in result) return result.message;
    if (result.deletedIds.length === 0) return 'The job was not deleted: it is running, or waiting for a retry.';
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
        <p>This also deletes its model, metrics and log. You cannot undo this.</p>
        {remove.error !== null && (
          <p className="error-text" role="alert">
            {remove.error}
          </p>
        )}
        <div className="dialog-buttons">
          <button type="button" className="button" autoFocus onClick={() => dialog.current?.close()}>
            Cancel
          </button>
          <button type="button" className="button danger" disabled={remove.isBusy} onClick={() => remove.run()}>
            Delete
          </button>
        </div>
      </dialog>
    </>
  );
}
