import { useSyncExternalStore } from 'react';
import { useSession } from '../live/session-context.ts';
import { createStore, type WritableStore } from '../live/store.ts';

/** Maximum number of jobs to compare: the number of curve colours. */
export const MAX_SELECTED = 8;

const createSelection = (): WritableStore<readonly string[]> => createStore<readonly string[]>([]);

/** The selected jobs, in the order of their selection. */
export function useSelection(): { readonly ids: readonly string[]; clear(): void } {
  const selection = useSession().getOrCreate(createSelection);
  return { ids: useSyncExternalStore(selection.subscribe, selection.get), clear: () => selection.set([]) };
}

/** Whether a job is selected. */
export function useSelected(id: string): { readonly isSelected: boolean; toggle(): void } {
  const selection = useSession().getOrCreate(createSelection);
  const isSelected = useSyncExternalStore(selection.subscribe, () => selection.get().includes(id));
  return {
    isSelected,
    toggle() {
      const ids = selection.get();
      if (isSelected) selection.set(ids.filter((other) => other !== id));
      // Deselects the oldest job when the maximum is reached.
      else selection.set([...ids.slice(1 - MAX_SELECTED), id]);
    },
  };
}
