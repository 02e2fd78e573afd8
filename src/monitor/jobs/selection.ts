import { useSyncExternalStore } from 'react';
import { useSession } from '../live/session-context.ts';
import { createStore, type WritableStore } from '../live/store.ts';

/** How many jobs can be compared: as many as there are colours to tell them apart. */
export const MOST_SELECTED = 8;

const createSelection = (): WritableStore<readonly string[]> => createStore<readonly string[]>([]);

/** The jobs that are ticked, in the order in which they were. */
export function useSelection(): { readonly ids: readonly string[]; clear(): void } {
  const selection = useSession().own(createSelection);
  return { ids: useSyncExternalStore(selection.subscribe, selection.get), clear: () => selection.set([]) };
}

/** Whether one job is ticked. */
export function useSelected(id: string): { readonly isSelected: boolean; toggle(): void } {
  const selection = useSession().own(createSelection);
  const isSelected = useSyncExternalStore(selection.subscribe, () => selection.get().includes(id));
  return {
    isSelected,
    toggle() {
      const ids = selection.get();
      if (isSelected) selection.set(ids.filter((other) => other !== id));
      // The oldest gives way.
      else selection.set([...ids.slice(1 - MOST_SELECTED), id]);
    },
  };
}
