import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { createLiveClient } from '../../src/client/index.ts';
import { expectGoingOn, type FeedMessage, startTraining, statusesOf } from '../support/api-client.ts';
import { startCuttingProxy } from '../support/cutting-proxy.ts';
import { startTestServer } from '../support/server-process.ts';
import { until } from '../support/until.ts';

const WATCH = `subscription ($id: ID!, $after: String) {
  jobProgress(id: $id, after: $after) { cursor status percent step loss } }`;

test('a subscription resumes at its last cursor after broken connections and a restart of the server', async () => {
  await using first = await startTestServer();
  await using proxy = await startCuttingProxy(first.port);
  const client = createLiveClient({ url: `${proxy.url.replace('http', 'ws')}/graphql` });
  const { id, cursor } = await startTraining(first.url, { backend: 'SIMULATION', epochs: 400, batchSize: 10 });

  const messages: FeedMessage[] = [];
  let restarted: Awaited<ReturnType<typeof startTestServer>> | undefined;
  for await (const { data } of client.iterate<{ jobProgress: FeedMessage }>({
    query: WATCH,
    variables: { id, after: cursor },
  })) {
    if (data) messages.push(data.jobProgress);
    if (messages.length === 4 || messages.length === 12) proxy.cut();
    if (messages.length === 8) {
      await first.end('SIGKILL');
      restarted = await startTestServer({ home: first.home, port: first.port });
    }
  }
  await client.dispose();
  await restarted?.[Symbol.asyncDispose]();

  expect(restarted).toBeDefined();
  expect(['QUEUED', ...statusesOf(messages)]).toEqual(['QUEUED', 'STARTING', 'LOADING', 'RUNNING', 'COMPLETED']);
  expectGoingOn(messages);
});

test('a subscription resumes at its last cursor after connections that fall silent without being closed', async () => {
  await using server = await startTestServer();
  await using proxy = await startCuttingProxy(server.port);
  const url = `${proxy.url.replace('http', 'ws')}/graphql`;
  const client = createLiveClient({ url, keepAlive: 100, pongTimeout: 400 });
  const { id, cursor } = await startTraining(server.url, { backend: 'SIMULATION', epochs: 400, batchSize: 10 });

  const messages: FeedMessage[] = [];
  let silenced = 0;
  for await (const { data } of client.iterate<{ jobProgress: FeedMessage }>({
    query: WATCH,
    variables: { id, after: cursor },
  })) {
    if (data) messages.push(data.jobProgress);
    if (messages.length === 4 || messages.length === 12) silenced += proxy.silence();
  }
  await client.dispose();

  expect(silenced).toBe(2);
  expect(['QUEUED', ...statusesOf(messages)]).toEqual(['QUEUED', 'STARTING', 'LOADING', 'RUNNING', 'COMPLETED']);
  expectGoingOn(messages);
});

test('a connection that is never accepted is tried again', async () => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = createLiveClient({
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connectTimeout: 100,
    lazy: false,
    onNonLazyError: () => undefined,
  });
  await until('it has connected three times', () => sockets.length > 2);
  // Without a connection, dispose() waits for one.
  Promise.resolve(client.dispose()).catch(() => undefined);
  for (const socket of sockets) socket.destroy();
  server.close();
});

test('a slow connection on which messages arrive is kept, although the pong is late', async () => {
  const sockets = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => 'graphql-transport-ws' });
  await once(sockets, 'listening');
  let connections = 0;
  let pings = 0;
  sockets.on('connection', (socket) => {
    connections += 1;
    const send = (message: object) => socket.send(JSON.stringify(message));
    socket.on('message', (data: Buffer) => {
      const { type, id } = JSON.parse(data.toString()) as { type: string; id: string };
      if (type === 'connection_init') send({ type: 'connection_ack' });
      if (type === 'ping') pings += 1;
      if (type === 'subscribe') {
        let sent = 0;
        const timer = setInterval(() => {
          send({ id, type: 'next', payload: { data: { sent } } });
          sent += 1;
          // Much later than the timeout.
          if (sent < 40) return;
          clearInterval(timer);
          send({ type: 'pong' });
          send({ id, type: 'complete' });
        }, 25);
      }
    });
  });
  const url = `ws://127.0.0.1:${(sockets.address() as AddressInfo).port}`;
  const client = createLiveClient({ url, keepAlive: 50, pongTimeout: 300 });
  const received: unknown[] = [];
  for await (const { data } of client.iterate({ query: 'subscription { sent }' })) received.push(data?.['sent']);
  await client.dispose();
  sockets.close();
  expect(received).toEqual(Array.from({ length: 40 }, (_, index) => index));
  expect([connections, pings]).toEqual([1, 1]);
});

test('leaving the loop unsubscribes, and queries and mutations work as with graphql-ws', async () => {
  await using server = await startTestServer();
  const client = createLiveClient({ url: `${server.url.replace('http', 'ws')}/graphql` });
  const { id } = await startTraining(server.url, { backend: 'SIMULATION', epochs: 2000, batchSize: 10 });
  for await (const { data } of client.iterate<{ jobProgress: FeedMessage }>({ query: WATCH, variables: { id } })) {
    if (data?.jobProgress.status === 'RUNNING') break;
  }
  for await (const { data } of client.iterate({
    query: 'mutation ($id: ID!) { stopTraining(input: { id: $id }) { __typename } }',
    variables: { id },
  })) {
    expect(data).toEqual({ stopTraining: { __typename: 'StopTrainingSuccess' } });
  }
  await expect(client.iterate({ query: '{ nothing }' }).next()).rejects.toMatchObject([
    { extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } },
  ]);
  await client.dispose();
});
