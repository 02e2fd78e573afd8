import { once } from 'node:events';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { GraphQLError } from 'graphql';
import { expect, test } from 'vitest';
import type { WebSocket } from 'ws';
import { createRefusalPace, isRefused } from '../../src/server/rates/refusal-pace.ts';
import { ask, openSocket, post, serve, type TestServer } from '../server/support.ts';
import { until } from '../support/until.ts';
import { DOCUMENT_ATTACKS } from './document-attacks.ts';
import { COSTLY_JSON } from './json-attacks.ts';
import { filtered, keys, VARIABLE_ATTACKS } from './variable-attacks.ts';

const VALID = '{ __typename }';
const INVALID = '{ unknown }';
/** Two refusals at once; the third waits for three seconds. */
const SLOW = { refusalBurst: 2, refusalsPerSecond: 1 / 3, closing: 100 };

async function openAcknowledged(server: TestServer): Promise<WebSocket> {
  const socket = (await openSocket(server)) as WebSocket;
  socket.send('{"type":"connection_init"}');
  await once(socket, 'message');
  return socket;
}

test('refusals of an address wait after the first ones, and valid operations never', async () => {
  const server = await serve({ limits: SLOW });
  const order: string[] = [];
  for (let count = 0; count < 2; count += 1) await post(server, INVALID);
  const third = post(server, INVALID).then(({ text }) => order.push(text.includes('unknown') ? 'refused' : text));
  for (let count = 0; count < 3; count += 1) {
    expect((await post(server, VALID)).status).toBe(200);
    order.push('valid');
  }
  await third;
  expect(order).toEqual(['valid', 'valid', 'valid', 'refused']);
});

test('the next request on the connection of a refusal waits behind it', async () => {
  const server = await serve({ limits: SLOW });
  const socket = await openAcknowledged(server);
  const answered: string[] = [];
  socket.on('message', (data: Buffer) => {
    const { id, type } = JSON.parse(data.toString()) as { id: string; type: string };
    if (type !== 'next') answered.push(`${id} ${type}`);
  });
  const send = (id: string, query: string) =>
    socket.send(JSON.stringify({ id, type: 'subscribe', payload: { query } }));
  send('1', INVALID);
  send('2', INVALID);
  await until('the first two are refused', () => answered.length === 2);
  send('3', INVALID);
  // The third message arrives before these, as this process is the server too.
  for (let count = 0; count < 3; count += 1) expect((await post(server, VALID)).status).toBe(200);
  send('4', VALID);
  expect(answered).toEqual(['1 error', '2 error']);
  await until('the others are answered', () => answered.length === 4);
  expect(answered).toEqual(['1 error', '2 error', '3 error', '4 complete']);
});

test.each([
  ['a syntax error', JSON.stringify({ query: '{' })],
  ['a document that is not valid', JSON.stringify({ query: INVALID })],
  ['a document with too many tokens', JSON.stringify({ query: `{ ${'a '.repeat(3000)} }` })],
  ['wrong variables', JSON.stringify(filtered(keys(10)))],
  ['too many variables', JSON.stringify(filtered(keys(2000)))],
  ['JSON with too many values', COSTLY_JSON[0]?.[2] ?? ''],
  ['no JSON', '{'],
  ['an unknown operation', JSON.stringify({ query: 'query A { __typename }', operationName: 'B' })],
])('%s counts as a refusal, over HTTP and as server-sent events', async (_what, body) => {
  const server = await serve({ limits: { ...SLOW, refusalBurst: 0 } });
  let answers = 0;
  for (const accept of ['application/json', 'text/event-stream'])
    ask(server, { method: 'POST', headers: { 'content-type': 'application/json', accept }, body }).then(
      () => (answers += 1),
      () => {},
    );
  for (let count = 0; count < 5; count += 1) expect((await post(server, VALID)).status).toBe(200);
  expect(answers).toBe(0);
});

test('the code of each attack counts as a refusal', () => {
  const codes = [...DOCUMENT_ATTACKS, ...VARIABLE_ATTACKS].map(({ code }) => code);
  const refused = (code: string) => isRefused([new GraphQLError('', { extensions: { code } })]);
  expect(codes.filter((code) => !refused(code))).toEqual([]);
  // The client sends the document next; waiting helps.
  expect(['PERSISTED_QUERY_NOT_FOUND', 'RATE_LIMITED', 'TOO_MANY_SUBSCRIPTIONS'].filter(refused)).toEqual([]);
});

test('a WebSocket message with too many values gets an error, and the socket stays open', async () => {
  const server = await serve();
  const socket = await openAcknowledged(server);
  const messages: { id: string; type: string; payload: unknown }[] = [];
  socket.on('message', (data: Buffer) => messages.push(JSON.parse(data.toString()) as (typeof messages)[number]));
  const payload = { query: VALID, variables: { list: Array(30_000).fill(1) } };
  socket.send(JSON.stringify({ id: 'a "quoted" id', type: 'subscribe', payload }));
  socket.send(JSON.stringify({ type: 'subscribe', id: '2', payload }));
  socket.send(JSON.stringify({ id: '3', type: 'subscribe', payload: { query: VALID } }));
  await until('all are answered', () => messages.length === 4);
  expect(messages.map(({ id, type }) => `${id}: ${type}`).toSorted()).toEqual(
    ['2: error', '3: complete', '3: next', 'a "quoted" id: error'].toSorted(),
  );
  expect(messages.find(({ id }) => id === '2')?.payload).toEqual([
    {
      message: 'The message holds more than 26000 values. Send less in one operation.',
      extensions: { code: 'VARIABLES_TOO_LARGE' },
    },
  ]);
});

test.each([
  ['no id', { type: 'subscribe', payload: { query: VALID, variables: { list: Array(30_000).fill(1) } } }],
  ['another type', { type: 'ping', payload: { list: Array(30_000).fill(1) } }],
])('a WebSocket message with too many values and %s closes the socket', async (_what, message) => {
  const socket = await openAcknowledged(await serve());
  socket.send(JSON.stringify(message));
  expect((await once(socket, 'close')).map(String)).toEqual(['4400', 'JSON holds more than 26000 values']);
});

test('a user waits for its own refusals only, a limited time, and is forgotten', () => {
  let time = 0;
  const request = (name: string) => Object.assign(new IncomingMessage(new Socket()), { url: name });
  const pace = createRefusalPace(
    { burst: 2, perSecond: 5 },
    ({ url = '' }) => url,
    () => time,
  );
  const count = (user: string) => pace.count(request(user));
  expect([count('ada'), count('ada'), count('ada'), count('ada')]).toEqual([0, 0, 200, 400]);
  expect(count('bob')).toBe(0);
  for (let refusals = 0; refusals < 1000; refusals += 1) count('ada');
  expect(count('ada')).toBe(10_000);
  time += 10_000;
  expect(count('ada')).toBeLessThanOrEqual(200);
  // Ten thousand others: the first one is no longer known.
  for (let user = 0; user < 10_000; user += 1) count(`user ${user}`);
  expect([count('ada'), count('ada')]).toEqual([0, 0]);
});
