import type { ClientOptions } from 'graphql-ws';
import { createStore, type Store } from './store.ts';

/** State of the connection: whether the page is up to date. */
export type Connection =
  | { readonly state: 'CONNECTING' }
  | { readonly state: 'LIVE'; readonly reconnected: boolean }
  /** The page has had no updates since `since` (Unix ms). */
  | { readonly state: 'LOST'; readonly since: number };

/** The connection events of a graphql-ws client as one store. */
export interface ConnectionWatch {
  readonly connection: Store<Connection>;
  /** For the client's option `on`. */
  readonly on: NonNullable<ClientOptions['on']>;
}

/** Tracks the state of a connection. */
export function watchConnection(): ConnectionWatch {
  const connection = createStore<Connection>({ state: 'CONNECTING' });
  return {
    connection,
    on: {
      connected() {
        connection.set({ state: 'LIVE', reconnected: connection.get().state === 'LOST' });
      },
      closed() {
        if (connection.get().state !== 'LOST') connection.set({ state: 'LOST', since: Date.now() });
      },
    },
  };
}
