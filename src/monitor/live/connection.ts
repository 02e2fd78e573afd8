import type { ClientOptions } from 'graphql-ws';
import { createStore, type Store } from './store.ts';

/** State of the connection: whether the page is up to date. */
export type Connection =
  | { readonly state: 'CONNECTING' }
  | { readonly state: 'LIVE'; readonly reconnected: boolean }
  /** The page has had no updates since `since` (Unix ms). */
  | { readonly state: 'LOST'; readonly since: number };

/** A connection without a pong for this long is dead, even if it was never closed, ms. */
const PONG_TIMEOUT_MS = 4000;
/** Interval of keep-alive pings on the open WebSocket, ms. */
export const PING_INTERVAL_MS = 10_000;

/** The connection events of a graphql-ws client as one store. */
export interface ConnectionWatch {
  readonly connection: Store<Connection>;
  /** For the client's option `on`. */
  readonly on: NonNullable<ClientOptions['on']>;
}

/**
 * Tracks the state of a connection.
 * @param terminate closes the connection, so that the client reconnects
 */
export function watchConnection(terminate: () => void): ConnectionWatch {
  const connection = createStore<Connection>({ state: 'CONNECTING' });
  let pongTimeout: ReturnType<typeof setTimeout> | undefined;
  return {
    connection,
    on: {
      connected() {
        connection.set({ state: 'LIVE', reconnected: connection.get().state === 'LOST' });
      },
      closed() {
        clearTimeout(pongTimeout);
        if (connection.get().state !== 'LOST') connection.set({ state: 'LOST', since: Date.now() });
      },
      ping(received) {
        if (!received) pongTimeout = setTimeout(terminate, PONG_TIMEOUT_MS);
      },
      pong(received) {
        if (received) clearTimeout(pongTimeout);
      },
    },
  };
}
