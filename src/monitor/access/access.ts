import { createStore, type Store } from '../live/store.ts';

const KEY = 'trainyard.token';

/** The access token of this page. It is stored in the session storage of the tab only. */
export interface Access {
  /** `isRequired` after the server has rejected the page's token, or a request without one. */
  readonly state: Store<{ readonly token: string | null; readonly isRequired: boolean }>;
  /** Records that the server requires a token, or a different one. */
  reject(): void;
  /** Stores the token that the user entered. */
  enter(token: string): void;
}

/** Starts with the token that was entered in this tab before, if any. */
export function createAccess(storage: Storage = sessionStorage): Access {
  const state = createStore({ token: storage.getItem(KEY), isRequired: false });
  return {
    state,
    reject: () => state.set({ ...state.get(), isRequired: true }),
    enter(token) {
      storage.setItem(KEY, token);
      state.set({ token, isRequired: false });
    },
  };
}
