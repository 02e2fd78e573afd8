import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { useServer } from 'graphql-ws/use/ws';
import { onTestFinished, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import type { Runner } from '../../../src/runner/index.ts';
import { schema } from '../../../src/schema/index.ts';
import { createErrorReport, formatError } from '../../../src/server/error-report.ts';
import { tokenOf } from '../../support/tokens.ts';
import { until } from '../../support/until.ts';
import { selectionOf } from '../random-selections.ts';
import { queueJob, serve } from '../support.ts';

const ROLES = ['viewer', 'operator', 'admin'] as const;
type Role = (typeof ROLES)[number];

/** A subscriber by hand, so that each message is compared as it goes out. */
interface Subscriber {
  readonly messages: string[];
  close(): void;
}

async function subscribe(port: number, role: Role, id: string, payload: object): Promise<Subscriber> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/graphql`, 'graphql-transport-ws');
  const messages: string[] = [];
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${role}` } }));
  await once(socket, 'message');
  socket.on('message', (data: Buffer) => messages.push(data.toString()));
  socket.send(JSON.stringify({ id, type: 'subscribe', payload }));
  return { messages, close: () => socket.terminate() };
}

/** The same subscriber over server-sent events. Its messages are the data of each event, and the name of the last one. */
async function subscribeToEvents(port: number, role: Role, payload: object): Promise<Subscriber> {
  const leaving = new AbortController();
  const messages: string[] = [];
  const { body } = await fetch(`http://127.0.0.1:${port}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream', authorization: `Bearer ${role}` },
    body: JSON.stringify(payload),
    signal: leaving.signal,
  });
  const read = async (stream: ReadableStream<BufferSource>) => {
    let text = '';
    for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
      const blocks = (text + chunk).split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) {
        const [, event, data = ''] = /^event: (\w+)\ndata: ?(.*)$/s.exec(block) ?? [];
        if (event !== undefined) messages.push(event === 'next' ? data : event);
      }
    }
  };
  if (body) read(body as ReadableStream<BufferSource>).catch(() => undefined);
  return { messages, close: () => leaving.abort() };
}

/** A message of a WebSocket as {@link subscribeToEvents} has it. */
function asEvent(message: string): string {
  const { type, payload } = JSON.parse(message) as { type: string; payload?: object };
  return type === 'next' ? JSON.stringify(payload) : type;
}

/** Stock graphql-ws over the same runner, with the same masking. */
async function servePlain(runner: Runner): Promise<number> {
  const sockets = new WebSocketServer({ port: 0, host: '127.0.0.1', path: '/graphql' });
  const report = createErrorReport({ logger: { error: () => undefined } });
  const plain = useServer<{ authorization: string }>(
    {
      schema,
      context: ({ connectionParams }) => {
        const role = connectionParams?.authorization.slice('Bearer '.length) as Role;
        return { runner, caller: { user: role, role, address: '127.0.0.1', requestId: 'r' } };
      },
      onNext: (_context, _id, _payload, _args, { data, errors }) =>
        errors && { data: data ?? null, errors: errors.map((error) => formatError(report(error))) },
    },
    sockets,
  );
  onTestFinished(() => plain.dispose());
  await once(sockets, 'listening');
  return (sockets.address() as AddressInfo).port;
}

/** A variable that is never used would be an error. */
const USES = 'uses: __typename @include(if: $on)';
const JOBS = selectionOf('JobChange', 2).map(
  (fields) => `subscription ($on: Boolean!) { jobsChanged { cursor ${USES} ...on JobChange ${fields} } }`,
);
const PROGRESS = selectionOf('JobProgress', 2).map(
  (fields) =>
    `subscription ($on: Boolean!, $id: ID!) { jobProgress(id: $id) { cursor ${USES} ...on JobProgress ${fields} } }`,
);

test('subscribers over WebSocket and server-sent events get exactly the messages that plain graphql-ws sends', async () => {
  const { runner, port } = await serve({ settings: { tokens: ROLES.map((role) => tokenOf(role, role, { role })) } });
  const plainPort = await servePlain(runner);
  let run = 0;

  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          query: fc.oneof(JOBS, PROGRESS),
          on: fc.boolean(),
          roles: fc.uniqueArray(fc.constantFrom(...ROLES)),
        }),
        { minLength: 1, maxLength: 3 },
      ),
      fc.array(fc.string({ unit: 'grapheme', maxLength: 200 }), { minLength: 1, maxLength: 3 }),
      async (subscriptions, notes) => {
        run += 1;
        const { id: job } = await queueJob(runner, `run ${run} é`);
        const open = (connect: (role: Role, id: string, payload: object) => Promise<Subscriber>) =>
          Promise.all(
            subscriptions.flatMap(({ query, on, roles }, number) => {
              const variables = query.includes('$id') ? { on, id: job } : { on };
              // Two of each, so that at least one gets what was prepared for another.
              return [...roles, ...roles].map((role, index) =>
                connect(role, `${number}-${index}-"é`, { query, variables }),
              );
            }),
          );
        const [ours, events, theirs] = await Promise.all([
          open((role, id, payload) => subscribe(port, role, id, payload)),
          open((role, _id, payload) => subscribeToEvents(port, role, payload)),
          open((role, id, payload) => subscribe(plainPort, role, id, payload)),
        ]);
        const all = [...ours, ...events, ...theirs];
        /** Waits until each subscriber has more messages than now, and both servers have sent as many. */
        const receive = async (change: () => Promise<unknown>, expects: (messages: readonly string[]) => boolean) => {
          const before = all.map(({ messages }) => messages.length);
          await change();
          await until('the change has arrived', () =>
            all.every(({ messages }, index) => messages.length > (before[index] ?? 0) || !expects(messages)),
          );
          await until('all have the same messages', () =>
            [ours, events].every((group) =>
              group.every(({ messages }, index) => messages.length === theirs[index]?.messages.length),
            ),
          );
        };
        const isOfJob = (messages: readonly string[]) => messages[0]?.includes('"jobProgress"') === true;
        try {
          await until('all are subscribed or refused', () => {
            const refused = all.filter(({ messages }) => /"error"|^\{"errors"/.test(messages[0] ?? '')).length;
            return runner.watching + refused === all.length;
          });
          // The reference has no limits.
          fc.pre(!ours.some(({ messages }) => messages[0]?.includes('OPERATION_TOO_COMPLEX')));
          for (const text of notes) {
            const edit = { notes: `${text}.`, tags: [text.slice(0, 5).trim() || 'x'] };
            await receive(
              () => runner.update(job, edit),
              (messages) => !isOfJob(messages),
            );
          }
          await receive(
            () => runner.stop(job),
            () => true,
          );
          expect(ours.map(({ messages }) => messages)).toEqual(theirs.map(({ messages }) => messages));
          expect(events.map(({ messages }) => messages)).toEqual(theirs.map(({ messages }) => messages.map(asEvent)));
        } finally {
          for (const subscriber of all) subscriber.close();
          await until('all have gone', () => runner.watching === 0);
        }
      },
    ),
    { numRuns: 25 },
  );
}, 120_000);

test('messages of any length arrive completely, and the feed continues after each', async () => {
  const { runner, port } = await serve({ settings: { tokens: [tokenOf('viewer', 'viewer', { role: 'viewer' })] } });
  const { id: job } = await queueJob(runner);
  const many = Array.from({ length: 12 }, (_, index) => `n${index}: notes`).join(' ');
  const subscribers = await Promise.all(
    ['{ jobId }', '{ job { notes } }', `{ job { ${many} } }`].map((fields, index) =>
      subscribe(port, 'viewer', `${index}`, { query: `subscription { jobsChanged ${fields} }` }),
    ),
  );
  await until('all are subscribed', () => runner.watching === subscribers.length);
  // Frames have three forms of length: below 126 bytes, below 65,536, and above.
  const lengths = [1, 40, 60, 120, 1_000, 5_400, 5_460, 9_000];
  for (const [index, length] of lengths.entries()) {
    await runner.update(job, { notes: '\u00e9'.padEnd(length, 'x') });
    await until('it has arrived', () => subscribers.every(({ messages }) => messages.length === index + 1));
  }
  const notes = subscribers.map(({ messages }) =>
    messages.map((text) => (JSON.parse(text) as { payload: { data: object } }).payload.data),
  );
  expect(notes[0]).toEqual(lengths.map(() => ({ jobsChanged: { jobId: job } })));
  expect(notes[1]).toEqual(
    lengths.map((length) => ({ jobsChanged: { job: { notes: '\u00e9'.padEnd(length, 'x') } } })),
  );
  expect(subscribers[2]?.messages.map(({ length }) => length)).toEqual(
    lengths.map((length) => JSON.stringify(bigMessage(length)).length),
  );
});

function bigMessage(length: number) {
  const entries = Array.from({ length: 12 }, (_, index) => [`n${index}`, '\u00e9'.padEnd(length, 'x')]);
  return { id: '2', type: 'next', payload: { data: { jobsChanged: { job: Object.fromEntries(entries) as unknown } } } };
}
