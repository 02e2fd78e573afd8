import type { ClientOptions } from 'graphql-ws';
import { createStore, type Store } from './store.ts';

/** Whether what the page shows is what is. */
export type Connection =
  | { readonly state: 'CONNECTING' }
  | { readonly state: 'LIVE'; readonly healed: boolean }
  /** What is shown is from `since` (Unix ms) at the latest. */
  | { readonly state: 'LOST'; readonly since: number };

/** A connection that nobody answers on for so long is dead, though no end of it was ever told, ms. */
const PONG_PATIENCE_MS = 4000;
/** How often the server is asked whether it is still there, ms. On the open connection: this is no request. */
export const PING_INTERVAL_MS = 10_000;

/** What a graphql-ws client tells of its connection, as one store. */
export interface ConnectionWatch {
  readonly connection: Store<Connection>;
  /** For the client's option `on`. */
  readonly on: NonNullable<ClientOptions['on']>;
}

/**
 * Follows a connection.
 * @param terminate cuts it, so that the client connects again
 */
export function watchConnection(terminate: () => void): ConnectionWatch {
  const connection = createStore<Connection>({ state: 'CONNECTING' });
  let patience: ReturnType<typeof setTimeout> | undefined;
  return {
    connection,
    on: {
      connected() {
        connection.set({ state: 'LIVE', healed: connection.get().state === 'LOST' });
      },
      closed() {
        clearTimeout(patience);
        if (connection.get().state !== 'LOST') connection.set({ state: 'LOST', since: Date.now() });
      },
      ping(received) {
        if (!received) patience = setTimeout(terminate, PONG_PATIENCE_MS);
      },
      pong(received) {
        if (received) clearTimeout(patience);
      },
    },
  };
}
