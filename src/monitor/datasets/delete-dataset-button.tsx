import { useEffect, useRef } from 'react';
import { Icon } from '../layout/icon.tsx';
import { createDeletions } from '../live/deletions.ts';
import { useSession } from '../live/session-context.ts';
import { useStore } from '../live/store.ts';
import { DeleteDatasetDocument } from './operations.ts';

/**
 * Deletes a dataset after some seconds in which the user can undo it. The server refuses it while a job uses the file.
 * @param onDeleted called when a deletion is over
 */
export function DeleteDatasetButton({ name, onDeleted }: { name: string; onDeleted: () => void }) {
  const session = useSession();
  const deletions = session.getOrCreate(createDeletions);
  const { kind } = useStore(deletions.view);
  const before = useRef(kind);
  useEffect(() => {
    if (before.current === 'PENDING' && kind !== 'PENDING') onDeleted();
    before.current = kind;
  }, [kind, onDeleted]);
  const remove = () =>
    deletions.schedule({
      what: name,
      keys: new Set([name]),
      run: async (keepalive) => {
        const { deleteDataset: result } = await session.mutate(DeleteDatasetDocument, { name }, { keepalive });
        return 'message' in result ? result.message : null;
      },
    });
  return (
    <button type="button" className="button danger" disabled={kind === 'PENDING'} onClick={remove}>
      <Icon name="trash" />
      Delete
    </button>
  );
}
