import { type Client, type ClientOptions, createClient, type SubscribePayload } from 'graphql-ws';
import { detectSilence, type SilenceLimits } from './detect-silence.ts';
import { iterate } from './iterate.ts';

const FIRST_WAIT_MS = 250;
const MAX_WAIT_MS = 5000;
/** Interval and timeout of pings: together, and with the first reconnect, below 20 s. */
const KEEP_ALIVE_MS = 8000;
const PONG_TIMEOUT_MS = 8000;
const CONNECT_TIMEOUT_MS = 10_000;

/** The options of graphql-ws, and two timeouts: `connectTimeout` (default 10,000 ms) and `pongTimeout` (default 8,000 ms). */
export interface LiveClientOptions extends ClientOptions, Partial<SilenceLimits> {}

/**
 * A graphql-ws client whose subscriptions resume after a lost connection or a server restart, without a gap or a repeat: it subscribes again
 * `after` the `cursor` of the last message. A subscription must declare a variable `$after`, pass it to its field, and select `cursor`. Others
 * start again, as with graphql-ws alone.
 *
 * It replaces the graphql-ws client in Apollo's `GraphQLWsLink` and in urql's `subscriptionExchange`. By default it reconnects without a limit,
 * at once and then with delays of up to five seconds, and pings every 8 seconds (`keepAlive`), so that it detects within 16 seconds a connection
 * that died without being closed. `options` can change that.
 */
export function createLiveClient({
  connectTimeout = CONNECT_TIMEOUT_MS,
  pongTimeout = PONG_TIMEOUT_MS,
  on = {},
  ...options
}: LiveClientOptions): Client {
  const client = createClient({
    retryAttempts: Infinity,
    shouldRetry: () => true,
    retryWait,
    keepAlive: KEEP_ALIVE_MS,
    ...options,
    on: detectSilence({ connectTimeout, pongTimeout }, on, () => client.terminate()),
  });
  const subscribe: Client['subscribe'] = (payload, sink) => {
    const { request, storeCursor } = resumable(payload);
    return client.subscribe(request, {
      next(result) {
        // At arrival, not when the message is read: buffered messages must not be requested again.
        storeCursor(result.data);
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
  /** The request. Each time it is sent, `$after` is the last cursor. */
  readonly request: SubscribePayload;
  /** Stores the cursor of a message. */
  storeCursor(data: unknown): void;
}

function resumable(payload: SubscribePayload): Resumable {
  if (!/\$after\b/.test(payload.query)) return { request: payload, storeCursor: () => undefined };
  let cursor = payload.variables?.['after'];
  return {
    request: {
      ...payload,
      // A getter, because graphql-ws serializes the request again for each connection.
      variables: {
        ...payload.variables,
        get after() {
          return cursor;
        },
      },
    },
    storeCursor(data) {
      for (const field of Object.values(data ?? {}) as unknown[]) {
        if (typeof field === 'object' && field !== null && 'cursor' in field) cursor = field.cursor;
      }
    },
  };
}

/** Exponential backoff with jitter, so that not all clients of a restarted server reconnect at once. */
async function retryWait(retries: number): Promise<void> {
  const maximum = Math.min(MAX_WAIT_MS, FIRST_WAIT_MS * 2 ** retries);
  await new Promise((resolve) => setTimeout(resolve, maximum * (0.5 + Math.random() / 2)));
}
