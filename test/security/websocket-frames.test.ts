import { once } from 'node:events';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { ask, openSocket, serve, type TestServer } from '../server/support.ts';
import { until } from '../support/until.ts';

/** The codes that docs/security.md documents for what a client sends. */
const DOCUMENTED = [1002, 1007, 1008, 1009, 4400, 4401, 4403, 4409, 4429];
const TYPES = ['connection_init', 'connection_ack', 'subscribe', 'next', 'error', 'complete', 'ping', 'pong'];

interface Message {
  readonly kind: 'MESSAGE';
  readonly data: Buffer;
  readonly binary: boolean;
  readonly fragments: number;
}

type Step =
  | Message
  | { readonly kind: 'CONTROL'; readonly frame: 'ping' | 'pong'; readonly data: Buffer }
  | { readonly kind: 'BYTES'; readonly data: Buffer };

const id = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('1', '2', '3') },
  { weight: 2, arbitrary: fc.constantFrom('', '__proto__', 'constructor', '\ud800', '"', 'x'.repeat(128)) },
  { weight: 1, arbitrary: fc.integer({ min: 129, max: 300_000 }).map((count) => 'y'.repeat(count)) },
);
const query = fc.constantFrom(
  '{ __typename }',
  '{ jobs(first: 5) { totalCount } }',
  'subscription { jobsChanged { kind } }',
  'subscription { jobProgress(id: "job_1_00000000") { step } }',
  'mutation { deleteJobs(filter: {}) { __typename } }',
  'query A { __typename } query B { __typename }',
  '{ missing }',
  '{',
  '',
);
const payload = fc.oneof(
  { weight: 8, arbitrary: fc.record({ query }) },
  {
    weight: 3,
    arbitrary: fc.record(
      {
        query: fc.oneof(query, fc.jsonValue()),
        variables: fc.jsonValue(),
        operationName: fc.jsonValue(),
        extensions: fc.jsonValue(),
      },
      { requiredKeys: [] },
    ),
  },
  { weight: 1, arbitrary: fc.jsonValue() },
);
/** Messages of the protocol. */
const operation = fc.oneof(
  { weight: 9, arbitrary: fc.record({ type: fc.constant('subscribe'), id, payload: fc.record({ query }) }) },
  { weight: 5, arbitrary: fc.record({ type: fc.constant('complete'), id }) },
  { weight: 1, arbitrary: fc.constantFrom({ type: 'ping' }, { type: 'pong' }, { type: 'connection_init' }) },
);
const strange = fc.record(
  { type: fc.oneof(fc.constantFrom(...TYPES), fc.jsonValue()), id: fc.oneof(id, fc.jsonValue()), payload },
  { requiredKeys: [] },
);
const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array));
const text = fc.oneof(
  { weight: 6, arbitrary: operation.map((content) => JSON.stringify(content)) },
  { weight: 3, arbitrary: strange.map((message) => JSON.stringify(message)) },
  { weight: 1, arbitrary: fc.json() },
  { weight: 1, arbitrary: fc.string() },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 3000 }).map((levels) => '['.repeat(levels)) },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 1, max: 1000 }).map((levels) => {
      return `{"type":"ping","payload":{"a":${'['.repeat(levels)}${']'.repeat(levels)}}}`;
    }),
  },
);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant('MESSAGE' as const),
      data: text.map((content) => Buffer.from(content)),
      binary: fc.oneof({ weight: 5, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
      fragments: fc.oneof(
        { weight: 5, arbitrary: fc.constant(1) },
        { weight: 1, arbitrary: fc.integer({ min: 2, max: 50 }) },
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('MESSAGE' as const),
      data: bytes,
      binary: fc.boolean(),
      fragments: fc.constant(1),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('CONTROL' as const),
      frame: fc.constantFrom('ping', 'pong'),
      data: bytes.map((data) => data.subarray(0, 125)),
    }),
  },
  // Neither masked nor, in most cases, a frame.
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('BYTES' as const), data: bytes }) },
);
interface Sequence {
  /** Whether it starts as the protocol requires, and waits for the answer. */
  readonly greets: boolean;
  readonly actions: readonly Step[];
}

const sequenceOf = (part: fc.Arbitrary<Step>, maxLength: number): fc.Arbitrary<Sequence> =>
  fc.record({ greets: fc.constantFrom(true, true, true, false), actions: fc.array(part, { maxLength }) });

function message(content: object): Message {
  return { kind: 'MESSAGE', data: Buffer.from(JSON.stringify(content)), binary: false, fragments: 1 };
}

function perform(socket: WebSocket, raw: NodeJS.WritableStream, action: Step): void {
  switch (action.kind) {
    case 'MESSAGE': {
      const { data, binary, fragments } = action;
      const size = Math.ceil(data.length / fragments) || 1;
      for (let at = 0; at === 0 || at < data.length; at += size) {
        socket.send(data.subarray(at, at + size), { binary, fin: at + size >= data.length });
      }
      return;
    }
    case 'CONTROL':
      socket[action.frame](action.data);
      return;
    case 'BYTES':
      raw.write(action.data);
      return;
    default:
      action satisfies never;
  }
}

/** A WebSocket, and the connection under it. */
async function openRaw({ port }: TestServer, greets: boolean) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/graphql`, 'graphql-transport-ws');
  socket.on('error', () => undefined);
  const [[upgrade]] = (await Promise.all([once(socket, 'upgrade'), once(socket, 'open')])) as [
    [{ socket: NodeJS.WritableStream }],
    unknown,
  ];
  if (greets) {
    socket.send('{"type":"connection_init"}');
    await once(socket, 'message');
  }
  return { socket, raw: upgrade.socket };
}

/** A client of the same server that behaves. Returns a function that runs a query. */
async function createBystander(server: TestServer) {
  const socket = (await openSocket(server)) as WebSocket;
  const received: unknown[] = [];
  socket.on('message', (data: Buffer) => received.push(JSON.parse(data.toString())));
  socket.send('{"type":"connection_init"}');
  await until('the connection is acknowledged', () => received.length === 1);
  let count = 0;
  return async () => {
    received.length = 0;
    const id = `q${(count += 1)}`;
    socket.send(JSON.stringify({ type: 'subscribe', id, payload: { query: '{ __typename }' } }));
    await until('the query is answered', () => received.length === 2);
    const payload = { data: { __typename: 'Query' } };
    expect(received).toEqual([
      { id, type: 'next', payload },
      { id, type: 'complete' },
    ]);
  };
}

test.each([
  ['FRAMES-01', 'frames', sequenceOf(step, 12)],
  ['FRAMES-02', 'messages of the protocol', sequenceOf(operation.map(message), 25)],
])('%s: any sequence of %s is answered or closes its socket with a documented code', async (_id, _what, sequences) => {
  // Nothing waits: refusals make up most of the answers here.
  const server = await serve({ logLevel: 'error', limits: { refusalsPerSecond: 1e6 } });
  const bystanderIsServed = await createBystander(server);
  await fc.assert(
    fc.asyncProperty(sequences, async ({ greets, actions }) => {
      const logged = server.log.length;
      const { socket, raw } = await openRaw(server, greets);
      try {
        const closed = once(socket, 'close').then(([code]) => code as number);
        let isPongDue = false;
        const answered = new Promise<'OPEN'>((resolve) => {
          socket.on('pong', (data: Buffer) => isPongDue && data.toString() === 'last' && resolve('OPEN'));
        });
        socket.on('message', (data: Buffer) => {
          const { type } = JSON.parse(data.toString()) as { type: string };
          expect(TYPES).toContain(type);
        });
        for (const action of actions) if (socket.readyState === WebSocket.OPEN) perform(socket, raw, action);
        isPongDue = true;
        if (socket.readyState === WebSocket.OPEN) socket.ping('last');
        // Bytes may announce a frame of up to the limit, which would contain the ping.
        if (actions.some(({ kind }) => kind === 'BYTES')) raw.write(Buffer.alloc(1_000_100));
        const end = await Promise.race([closed, answered]);
        if (end !== 'OPEN') expect(DOCUMENTED).toContain(end);
        await bystanderIsServed();
        expect(server.log.slice(logged)).toEqual([]);
      } finally {
        socket.terminate();
      }
    }),
    // Fewer on a busy machine.
    { numRuns: 250, interruptAfterTimeLimit: 60_000 },
  );
  await until('no operation and no socket is left but one', async () => {
    const { text } = await ask(server, { path: '/metrics' });
    return server.runner.watching === 0 && /^trainyard_websockets 1$/m.test(text);
  });
});

const subscribe = (id: string) => ({
  type: 'subscribe',
  id,
  payload: { query: 'subscription { jobsChanged { kind } }' },
});

test.each([
  ['FRAMES-03', 'the same long id twice', [subscribe('x'.repeat(120)), subscribe('x'.repeat(120))].map(message), 4409],
  ['FRAMES-04', 'a message that only a server sends', [message({ type: 'next', id: '1', payload: {} })], 4400],
  ['FRAMES-05', 'a message in 20,000 fragments', [{ ...message({ a: 'x'.repeat(20_000) }), fragments: 20_008 }], 1008],
  ['FRAMES-06', 'text that is not UTF-8', [{ ...message({}), data: Buffer.from([0xff]) }], 1007],
  ['FRAMES-07', 'a frame without a mask', [{ kind: 'BYTES', data: Buffer.from([0x81, 0x00]) }], 1002],
] satisfies [string, string, Step[], number][])('%s: %s closes the socket', async (_id, _title, actions, code) => {
  const server = await serve({ logLevel: 'error' });
  const { socket, raw } = await openRaw(server, true);
  for (const action of actions) perform(socket, raw, action);
  expect((await once(socket, 'close'))[0]).toBe(code);
  expect(server.log).toEqual([]);
});
