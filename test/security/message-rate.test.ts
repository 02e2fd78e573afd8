import { once } from 'node:events';
import { expect, test } from 'vitest';
import type { WebSocket } from 'ws';
import { createTokenBucket } from '../../src/server/rates/message-rate.ts';
import { openSocket, post, serve, type TestServer } from '../server/support.ts';
import { until } from '../support/until.ts';

async function openAcknowledged(server: TestServer): Promise<WebSocket> {
  const socket = (await openSocket(server)) as WebSocket;
  socket.send(JSON.stringify({ type: 'connection_init' }));
  await once(socket, 'message');
  return socket;
}

test('subscribe-complete-pairs: a WebSocket that sends too much is slowed down, and loses nothing', async () => {
  const server = await serve({ limits: { messageBurst: 20, messagesPerSecond: 100 } });
  const socket = await openAcknowledged(server);
  const answered = new Set<string>();
  let pongs = 0;
  socket.on('message', (data: Buffer) => {
    const { type, id } = JSON.parse(data.toString()) as { type: string; id?: string };
    if (type === 'complete' && id !== undefined) answered.add(id);
    if (type === 'pong') pongs += 1;
  });
  const began = performance.now();
  for (let id = 0; id < 60; id += 1) {
    const payload = { query: '{ __typename }' };
    socket.send(JSON.stringify({ type: 'subscribe', id: `q${id}`, payload }));
    socket.send(
      JSON.stringify({
        type: 'subscribe',
        id: `s${id}`,
        payload: { query: 'subscription { jobsChanged { __typename } }' },
      }),
    );
    socket.send(JSON.stringify({ type: 'complete', id: `s${id}` }));
  }
  // In a separate write: messages of the same write are handled together.
  await until('the queries are answered', () => answered.size === 60);
  socket.send(JSON.stringify({ type: 'ping' }));
  // Other clients do not wait.
  expect((await post(server, '{ __typename }')).status).toBe(200);
  await until('the ping is answered', () => pongs === 1);
  // 182 messages, of which 20 are free: 1.6 s.
  expect(performance.now() - began).toBeGreaterThan(1500);
  await until('no feed is left', () => server.runner.watching === 0);
});

test('an id that is reused immediately after complete belongs to the second operation', async () => {
  const server = await serve();
  const { id } = await server.runner.start({ backend: 'SIMULATION' });
  const socket = await openAcknowledged(server);
  const messages: { type: string; id: string }[] = [];
  socket.on('message', (data: Buffer) => messages.push(JSON.parse(data.toString()) as (typeof messages)[number]));
  const payload = { query: `subscription { jobProgress(id: "${id}") { status } }` };
  for (const message of ['subscribe', 'complete', 'subscribe', 'complete', 'subscribe'])
    socket.send(
      JSON.stringify(message === 'subscribe' ? { type: message, id: '1', payload } : { type: message, id: '1' }),
    );
  await until('the last is subscribed', () => messages.length === 1 && server.runner.watching === 1);
  await server.runner.stop(id);
  await until('it has ended', () => messages.at(-1)?.type === 'complete');
  expect(messages.map(({ type }) => type)).toEqual(['next', 'next', 'complete']);
});

test('a bucket gives its tokens, then as many as are added, and may be overdrawn', () => {
  const bucket = createTokenBucket({ burst: 2, perSecond: 10 }, 0);
  expect([bucket.take(0), bucket.take(0), bucket.take(0), bucket.take(0)]).toEqual([0, 0, 100, 200]);
  expect(bucket.take(300)).toBe(0);
  expect(bucket.take(300)).toBe(100);
  // It never holds more than a burst.
  expect([bucket.take(1e6), bucket.take(1e6), bucket.take(1e6)]).toEqual([0, 0, 100]);
});
