import { connect, type GraphQLAnswer, overWebSocket, post, type TestServer } from '../server/support.ts';

/** One operation, and the variables that it is sent with. */
export interface Operation {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
}

type Way = (server: TestServer, operation: Operation) => Promise<GraphQLAnswer[]>;

/** Every way to send one operation; each gives all of its answers. */
export const WAYS: readonly (readonly [name: string, send: Way])[] = [
  ['HTTP', async (server, { query, variables }) => [(await post(server, query, { variables })).json()]],
  [
    'SSE',
    async (server, { query, variables }) => {
      const { text } = await post(server, query, { variables, headers: { accept: 'text/event-stream' } });
      return [...text.matchAll(/^event: next\ndata: (.*)$/gm)].map(
        ([, data = '']) => JSON.parse(data) as GraphQLAnswer,
      );
    },
  ],
  ['WebSocket', (server, { query, variables }) => overWebSocket(connect(server), query, { ...variables })],
];
