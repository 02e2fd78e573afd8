import { createStore, type Store } from '../live/store.ts';

const KEY = 'trainyard.token';

/** What the server lets this page in with. It is kept for as long as the tab, and nowhere else. */
export interface Access {
  /** `wanted` when the server has refused what the page had. */
  readonly state: Store<{ readonly token: string | null; readonly wanted: boolean }>;
  /** The server wants a token, or another one. */
  refuse(): void;
  /** Takes the token that somebody typed. */
  enter(token: string): void;
}

/** What was entered in this tab before; nothing otherwise. */
export function createAccess(storage: Storage = sessionStorage): Access {
  const state = createStore({ token: storage.getItem(KEY), wanted: false });
  return {
    state,
    refuse: () => state.set({ ...state.get(), wanted: true }),
    enter(token) {
      storage.setItem(KEY, token);
      state.set({ token, wanted: false });
    },
  };
}
