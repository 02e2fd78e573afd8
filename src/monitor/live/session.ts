import {
  type AnyVariables,
  Client,
  CombinedError,
  fetchExchange,
  mapExchange,
  subscriptionExchange,
  type TypedDocumentNode,
} from 'urql';
import { createLiveClient } from '../../client/index.ts';
import { type Clock, createClock } from './clock.ts';
import { type Connection, PING_INTERVAL_MS, watchConnection } from './connection.ts';
import type { Store } from './store.ts';

const ENDPOINT = '/graphql';
/** How a server closes a connection whose token it does not know. */
const FORBIDDEN = 4403;

/** The way from the page to the server: one connection for all that is live, requests for the rest. */
export interface Session extends Disposable {
  readonly client: Client;
  readonly connection: Store<Connection>;
  readonly clock: Clock;
  /** The headers that requests besides GraphQL need: those for files. */
  readonly headers: Readonly<Record<string, string>>;
  /** The one value of its kind that lives as long as the session: made at its first use. */
  own<Value>(make: (session: Session) => Value): Value;
  /** Asks once. @throws CombinedError */
  ask<Data, Variables extends AnyVariables>(
    document: TypedDocumentNode<Data, Variables>,
    variables: Variables,
  ): Promise<Data>;
  /** Changes something. @throws CombinedError */
  change<Data, Variables extends AnyVariables>(
    document: TypedDocumentNode<Data, Variables>,
    variables: Variables,
  ): Promise<Data>;
  /**
   * Follows something live; after a lost connection it goes on behind the last cursor by itself. Returns what ends it.
   * @param onError called when the server refuses it; it has ended then
   */
  watch<Data, Variables extends AnyVariables>(
    document: TypedDocumentNode<Data, Variables>,
    variables: Variables,
    onData: (data: Data) => void,
    onError?: (error: CombinedError) => void,
  ): () => void;
}

/**
 * Opens a session.
 * @param token sent with every request, where the server wants one
 * @param onForbidden called when the server wants another token, or any
 */
export function openSession(token: string | null, onForbidden: () => void): Session {
  const headers: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` };
  const { connection, on } = watchConnection(() => live.terminate());
  const live = createLiveClient({
    url: `${location.origin.replace(/^http/, 'ws')}${ENDPOINT}`,
    connectionParams: headers,
    // Open for as long as the page: whether the server is there is then always known.
    lazy: false,
    keepAlive: PING_INTERVAL_MS,
    shouldRetry: (event) => !isForbidden(event),
    onNonLazyError: (event) => {
      if (isForbidden(event)) onForbidden();
    },
    on,
  });
  const client = new Client({
    url: ENDPOINT,
    preferGetMethod: false,
    requestPolicy: 'network-only',
    fetchOptions: { headers },
    // No cache: what is live is kept in stores, and the rest is asked for when it is needed.
    exchanges: [
      mapExchange({
        onError({ graphQLErrors }) {
          if (graphQLErrors.some(({ extensions }) => extensions['code'] === 'UNAUTHENTICATED')) onForbidden();
        },
      }),
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: ({ query = '', variables }) => ({
          subscribe: (sink) => ({ unsubscribe: live.subscribe({ query, variables }, sink as never) }),
        }),
      }),
    ],
  });

  const owned = new Map<unknown, unknown>();
  const session: Session = {
    client,
    connection,
    headers,
    clock: createClock(),
    own(make) {
      if (!owned.has(make)) owned.set(make, make(session));
      return owned.get(make) as ReturnType<typeof make>;
    },
    ask: async (document, variables) => dataOf(await client.query(document, variables).toPromise()),
    change: async (document, variables) => dataOf(await client.mutation(document, variables).toPromise()),
    watch(document, variables, onData, onError) {
      const { unsubscribe } = client.subscription(document, variables).subscribe(({ data, error, hasNext }) => {
        if (error) onError?.(error);
        // When a subscription completes urql gives its last message once more, as one that nothing follows.
        else if (data !== undefined && hasNext) onData(data);
      });
      return unsubscribe;
    },
    [Symbol.dispose]: () => void live.dispose(),
  };
  return session;
}

function isForbidden(event: unknown): boolean {
  return event instanceof CloseEvent && event.code === FORBIDDEN;
}

function dataOf<Data>({ data, error }: { data?: Data | undefined; error?: CombinedError | undefined }): Data {
  if (error) throw error;
  if (data === undefined) throw new Error('The server answered without data.');
  return data;
}

/** What went wrong, as a sentence for people. */
export function sentenceOf(error: unknown): string {
  if (!(error instanceof CombinedError)) return error instanceof Error ? error.message : String(error);
  if (error.networkError) return 'The server does not answer. Is it running? Nothing was changed by this page.';
  return error.graphQLErrors.map(({ message }) => message).join(' ');
}
