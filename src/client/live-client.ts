import { type Client, type ClientOptions, createClient, type SubscribePayload } from 'graphql-ws';
import { iterate } from './iterate.ts';

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 5000;

/**
 * A graphql-ws client whose subscriptions go on where they were when the connection is lost, or the server restarted, without a
 * gap or a repeat: each is asked for again `after` the `cursor` of its last message. For that a subscription has to declare a
 * variable `$after`, pass it to its field, and select `cursor`; others are subscribed to anew, as with graphql-ws alone.
 *
 * It takes the place of graphql-ws' client in Apollo's `GraphQLWsLink` and in urql's `subscriptionExchange`. Unless `options` says
 * otherwise it tries to connect for ever, at once and then after up to five seconds.
 */
export function createLiveClient(options: ClientOptions): Client {
  const client = createClient({ retryAttempts: Infinity, shouldRetry: () => true, retryWait, ...options });
  const subscribe: Client['subscribe'] = (payload, sink) => {
    const { request, remember } = fromLastCursor(payload);
    return client.subscribe(request, {
      next(result) {
        // When it arrives, not when it is read: what waits to be read must not be asked for again.
        remember(result.data);
        sink.next(result as never);
      },
      error: (error) => sink.error(error),
      complete: () => sink.complete(),
    });
  };
  return {
    ...client,
    subscribe,
    iterate: (payload) => iterate((sink) => subscribe(payload, sink)) as never,
  };
}

interface Resumable {
  /** The same request; each time that it is sent, it asks for what came after what was remembered last. */
  readonly request: SubscribePayload;
  remember(data: unknown): void;
}

function fromLastCursor(payload: SubscribePayload): Resumable {
  if (!/\$after\b/.test(payload.query)) return { request: payload, remember: () => undefined };
  let cursor = payload.variables?.['after'];
  return {
    request: {
      ...payload,
      // A getter: graphql-ws turns the request into text anew for each connection.
      variables: {
        ...payload.variables,
        get after() {
          return cursor;
        },
      },
    },
    remember(data) {
      for (const field of Object.values(data ?? {}) as unknown[]) {
        if (typeof field === 'object' && field !== null && 'cursor' in field) cursor = field.cursor;
      }
    },
  };
}

/** Twice as long each time, and not all clients of a restarted server at once. */
async function retryWait(retries: number): Promise<void> {
  const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** retries);
  await new Promise((resolve) => setTimeout(resolve, longest * (0.5 + Math.random() / 2)));
}
