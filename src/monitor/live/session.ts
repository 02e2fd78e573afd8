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
import { type Connection, watchConnection } from './connection.ts';
import type { Store } from './store.ts';

const ENDPOINT = '/graphql';
/** Close code of a connection whose token the server does not accept. */
const FORBIDDEN = 4403;

/** The page's connection to the server: one WebSocket for subscriptions, HTTP requests for queries and mutations. */
export interface Session extends Disposable {
  readonly client: Client;
  readonly connection: Store<Connection>;
  readonly clock: Clock;
  /** Headers for requests other than GraphQL, such as uploads and downloads. */
  readonly headers: Readonly<Record<string, string>>;
  /** A value that lives as long as the session, one for each `create` function; created at its first use. */
  getOrCreate<Value>(create: (session: Session) => Value): Value;
  /** Sends a query. @throws CombinedError */
  query<Data, Variables extends AnyVariables>(
    document: TypedDocumentNode<Data, Variables>,
    variables: Variables,
  ): Promise<Data>;
  /**
   * Sends a mutation.
   * @param options `keepalive` lets the request outlive the page
   * @throws CombinedError
   */
  mutate<Data, Variables extends AnyVariables>(
    document: TypedDocumentNode<Data, Variables>,
    variables: Variables,
    options?: { readonly keepalive?: boolean },
  ): Promise<Data>;
  /**
   * Subscribes. After a lost connection the subscription resumes at its last cursor.
   * @param onError called when the server rejects the subscription, which has then ended
   * @returns a function that unsubscribes
   */
  subscribe<Data, Variables extends AnyVariables>(
    document: TypedDocumentNode<Data, Variables>,
    variables: Variables,
    onData: (data: Data) => void,
    onError?: (error: CombinedError) => void,
  ): () => void;
}

/**
 * Opens a session.
 * @param token the access token, sent with every request; null sends none
 * @param onForbidden called when the server rejects the token, or requires one
 */
export function openSession(token: string | null, onForbidden: () => void): Session {
  const headers: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` };
  const { connection, on } = watchConnection();
  const live = createLiveClient({
    url: `${location.origin.replace(/^http/, 'ws')}${ENDPOINT}`,
    connectionParams: headers,
    // Stays open while the page is open, so that the page always knows whether the server is reachable.
    lazy: false,
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
    // No cache: stores hold live data, and the page requests other data when it needs it.
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

  const created = new Map<unknown, unknown>();
  const session: Session = {
    client,
    connection,
    headers,
    clock: createClock(),
    getOrCreate(create) {
      if (!created.has(create)) created.set(create, create(session));
      return created.get(create) as ReturnType<typeof create>;
    },
    query: async (document, variables) => dataOf(await client.query(document, variables).toPromise()),
    mutate: async (document, variables, { keepalive = false } = {}) =>
      dataOf(await client.mutation(document, variables, { fetchOptions: { headers, keepalive } }).toPromise()),
    subscribe(document, variables, onData, onError) {
      const { unsubscribe } = client.subscription(document, variables).subscribe(({ data, error, hasNext }) => {
        if (error) onError?.(error);
        // When a subscription completes, urql repeats its last message with `hasNext: false`.
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
  if (data === undefined) throw new Error('The response has no data.');
  return data;
}

/** The message of an error, for users. */
export function errorMessage(error: unknown): string {
  if (!(error instanceof CombinedError)) return error instanceof Error ? error.message : String(error);
  if (error.networkError) return 'Cannot reach the server. Check that it is running, then try again.';
  return error.graphQLErrors.map(({ message }) => message).join(' ');
}
