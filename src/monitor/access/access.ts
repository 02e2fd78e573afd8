import { createStore, type Store } from '../live/store.ts';

/** Name of the stored token, and of the channel between tabs. GraphiQL's page uses the same ones. */
const KEY = 'trainyard.token';
/** Time for another open tab to answer, ms. */
const ANSWER_MS = 200;

/** The access token of this page. It is stored in the session storage of open tabs only. */
export interface Access {
  /** `isRequired` after the server has rejected the page's token, or a request without one. */
  readonly state: Store<{ readonly token: string | null; readonly isRequired: boolean }>;
  /** Records that the server requires a token, or a different one. */
  reject(): void;
  /** Stores the token that the user entered. */
  enter(token: string): void;
}

/** Starts with the token that was entered in this tab before, if any. Without one it uses that of another open tab. */
export function createAccess(storage: Storage = sessionStorage, channel = new BroadcastChannel(KEY)): Access {
  const state = createStore({ token: storage.getItem(KEY), isRequired: false });
  let isAsking = false;

  function enter(token: string): void {
    storage.setItem(KEY, token);
    state.set({ token, isRequired: false });
  }

  channel.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    const { token, isRequired } = state.get();
    if (data === 'ASK') {
      if (token !== null && !isRequired) channel.postMessage({ token });
    } else if (isAsking && token === null && hasToken(data)) enter(data.token);
  });

  return {
    state,
    enter,
    reject() {
      if (isAsking || state.get().isRequired) return;
      if (state.get().token !== null) {
        state.set({ ...state.get(), isRequired: true });
        return;
      }
      isAsking = true;
      channel.postMessage('ASK');
      setTimeout(() => {
        isAsking = false;
        if (state.get().token === null) state.set({ token: null, isRequired: true });
      }, ANSWER_MS);
    },
  };
}

function hasToken(data: unknown): data is { token: string } {
  return typeof data === 'object' && data !== null && 'token' in data && typeof data.token === 'string';
}
