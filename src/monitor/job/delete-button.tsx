import { useLocation } from 'wouter';
import { deleteJobs } from '../jobs/bulk-actions.ts';
import { Icon } from '../layout/icon.tsx';
import { createDeletions } from '../live/deletions.ts';
import { useSession } from '../live/session-context.ts';

/** Deletes an ended job with its model, metrics and log, after some seconds in which the user can undo it. */
export function DeleteButton({ id, name }: { id: string; name: string | null }) {
  const session = useSession();
  const [, navigate] = useLocation();
  const remove = () => {
    session.getOrCreate(createDeletions).schedule({
      what: `${name ?? id} with its model, metrics and log`,
      keys: new Set([id]),
      run: (keepalive) => deleteJobs(session, [id], keepalive),
    });
    navigate('/', { replace: true });
  };
  return (
    <button type="button" className="button danger" onClick={remove}>
      <Icon name="trash" />
      Delete
    </button>
  );
}
