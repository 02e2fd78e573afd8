import { useEffect, useSyncExternalStore } from 'react';
import { useLocation, useSearch } from 'wouter';
import { readable } from '../curves/use-curve-settings.ts';
import type { Session } from '../live/session.ts';
import { useSession } from '../live/session-context.ts';
import { createStore, type WritableStore } from '../live/store.ts';

/** Maximum number of jobs to compare: the number of curve colours. */
export const MAX_COMPARED = 8;
/** Maximum number of selected jobs: the largest page of the API, which the actions read. */
export const MAX_SELECTED = 200;

/** Name of the parameter of the list's address with the ids of the selected jobs. */
const PARAMETER = 'selected';

interface Selection {
  readonly ids: readonly string[];
  /** Whether the last tick was refused because {@link MAX_SELECTED} jobs are selected. */
  readonly isFull: boolean;
}

/** Starts with the selection of the address. Lives as long as the session: it survives visits to other pages. */
const createSelection = (_session: Session): WritableStore<Selection> => {
  const ids = location.pathname === '/' ? (new URLSearchParams(location.search).get(PARAMETER) ?? '') : '';
  const given = [...new Set(ids.split(','))].filter((id) => id !== '').slice(0, MAX_SELECTED);
  return createStore<Selection>({ ids: given, isFull: false });
};

/** Removes deleted jobs from the selection. */
export function deselect(session: Session, ids: readonly string[]): void {
  const selection = session.getOrCreate(createSelection);
  const { ids: selected } = selection.get();
  const left = selected.filter((id) => !ids.includes(id));
  if (left.length < selected.length) selection.set({ ids: left, isFull: false });
}

/** The selected jobs, in the order of their selection. */
export function useSelection(): Selection & { clear(): void } {
  const selection = useSession().getOrCreate(createSelection);
  const current = useSyncExternalStore(selection.subscribe, selection.get);
  return { ...current, clear: () => selection.set({ ids: [], isFull: false }) };
}

/** Whether a job is selected. */
export function useSelected(id: string): { readonly isSelected: boolean; toggle(): void } {
  const selection = useSession().getOrCreate(createSelection);
  const isSelected = useSyncExternalStore(selection.subscribe, () => selection.get().ids.includes(id));
  return {
    isSelected,
    toggle() {
      const { ids } = selection.get();
      if (isSelected) selection.set({ ids: ids.filter((other) => other !== id), isFull: false });
      else if (ids.length < MAX_SELECTED) selection.set({ ids: [...ids, id], isFull: false });
      else selection.set({ ids, isFull: true });
    },
  };
}

/** Keeps the selection in the address of the list, so that a link or a reload shows it again. */
export function useSelectionInAddress(ids: readonly string[]): void {
  const search = useSearch();
  const [, navigate] = useLocation();
  const text = ids.join(',');
  useEffect(() => {
    const parameters = new URLSearchParams(search);
    if ((parameters.get(PARAMETER) ?? '') === text) return;
    if (text === '') parameters.delete(PARAMETER);
    else parameters.set(PARAMETER, text);
    const next = readable(parameters);
    navigate(next === '' ? '/' : `/?${next}`, { replace: true });
  }, [search, text, navigate]);
}
