import { setTimeout as delay } from 'node:timers/promises';
import { createClient as createSseClient } from 'graphql-sse';
import { createClient as createWsClient } from 'graphql-ws';

/** One client of one feed, over any number of connections. Each connection resumes after the last cursor. */
export interface Subscriber {
  /** Cuts the connection at once, as a closed laptop does. */
  drop(): void;
  /** Resolves when the feed is over, or the subscriber is closed. */
  readonly done: Promise<void>;
  close(): Promise<void>;
  /** Requests that the server refused. */
  readonly errors: readonly string[];
  /** Number of connections so far. */
  readonly connections: number;
}

export interface SubscriberOptions<Message> {
  readonly url: string;
  readonly over: 'WebSocket' | 'SSE';
  /** A subscription with a variable `$after`. */
  readonly query: string;
  readonly variables: object;
  /** The cursor to start from; null to start like a new subscriber. */
  readonly after: string | null;
  onMessage(message: Message): void;
  /** Asked when the server has completed the stream: it does so at its own end, too. */
  isOver(): boolean | Promise<boolean>;
}

const PAUSE_MS = 30;

export function createSubscriber<Message extends { readonly cursor: string }>(
  options: SubscriberOptions<Message>,
): Subscriber {
  const errors: string[] = [];
  let after = options.after;
  let connection: Connection<Message> | undefined;
  let connections = 0;
  let closed = false;

  async function follow(): Promise<void> {
    while (!closed && errors.length === 0) {
      connection = CONNECT[options.over]<Message>(options.url, options.query, { ...options.variables, after });
      connections += 1;
      try {
        for await (const { data, errors: refused } of connection.answers) {
          const [message] = Object.values(data ?? {});
          if (message === undefined) {
            errors.push(JSON.stringify(refused));
            break;
          }
          after = message.cursor;
          options.onMessage(message);
        }
        if (await options.isOver()) return;
      } catch (error) {
        // Errors of the operation come as a list; everything else is a connection that broke.
        if (Array.isArray(error)) errors.push(JSON.stringify(error));
      } finally {
        await connection.end();
      }
      await delay(PAUSE_MS);
    }
  }

  const done = follow();
  return {
    drop: () => connection?.drop(),
    done,
    errors,
    get connections() {
      return connections;
    },
    async close() {
      closed = true;
      connection?.drop();
      await done;
    },
  };
}

interface Connection<Message> {
  readonly answers: AsyncIterable<{ data?: Record<string, Message> | null | undefined; errors?: unknown }>;
  drop(): void;
  end(): void | Promise<void>;
}

const CONNECT = {
  WebSocket<Message>(url: string, query: string, variables: Record<string, unknown>): Connection<Message> {
    const client = createWsClient({ url: `${url.replace(/^http/, 'ws')}/graphql`, retryAttempts: 0 });
    return {
      answers: client.iterate<Record<string, Message>>({ query, variables }),
      drop: () => client.terminate(),
      end: () => client.dispose(),
    };
  },
  SSE<Message>(url: string, query: string, variables: Record<string, unknown>): Connection<Message> {
    const client = createSseClient({ url: `${url}/graphql`, retryAttempts: 0 });
    return {
      answers: client.iterate<Record<string, Message>>({ query, variables }),
      drop: () => client.dispose(),
      end: () => client.dispose(),
    };
  },
};
