import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { onTestFinished, describe, expect, test } from 'vitest';
import type { WebSocket } from 'ws';
import { chooseCuts } from '../../src/server/http/unread-data.ts';
import { ask, openSocket, post, serve, type TestServer } from '../server/support.ts';
import { until } from '../support/until.ts';

const OPTIONS = { missing: Array.from({ length: 100 }, (_, index) => `text ${index} `.padEnd(565, 'x')) };
/** An answer of about 6 MB. Kernels keep a few megabytes of it for a client that does not read. */
const LARGE = `{ jobs(first: 30) { edges { node { a: options b: options c: options d: options } } } }`;
const CUT = 'disconnected a client that does not read';

async function serveLargeAnswers(limits: Parameters<typeof serve>[0] & object): Promise<TestServer> {
  const server = await serve(limits);
  for (let number = 0; number < 30; number += 1) await server.runner.start({ backend: 'SIMULATION', options: OPTIONS });
  return server;
}

/** The bytes of one request. */
function rawPost({ port }: TestServer, query: string, accept = 'application/json'): string {
  const body = JSON.stringify({ query });
  const headers = {
    host: `127.0.0.1:${port}`,
    accept,
    'content-type': 'application/json',
    'content-length': body.length,
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `POST /graphql HTTP/1.1\r\n${lines.join('')}\r\n${body}`;
}

/** A connection that does not read until the test resumes it. */
async function open({ port }: TestServer): Promise<Socket> {
  const socket = connect(port, '127.0.0.1').pause();
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

const cuts = ({ log }: TestServer) => log.filter(({ msg }) => msg === CUT).length;

/** Number of queries that the server has answered. */
async function answeredQueries(server: TestServer): Promise<number> {
  const { text } = await ask(server, { path: '/metrics' });
  return Number(/^trainyard_graphql_operation_seconds_count\{.*type="query",outcome="ok".*\} (\d+)$/m.exec(text)?.[1]);
}

describe('clients that never read', () => {
  test.each([
    ['http-pipelined', (server: TestServer) => rawPost(server, LARGE).repeat(20)],
    ['sse-pipelined', (server: TestServer) => rawPost(server, LARGE, 'text/event-stream').repeat(20)],
  ])('%s: the server creates few of their answers, and disconnects them', async (_id, requests) => {
    const server = await serveLargeAnswers({ limits: { unreadTime: 1000 } });
    const sockets = await Promise.all([open(server), open(server), open(server)]);
    for (const socket of sockets) socket.write(requests(server));
    await until('all are cut', () => cuts(server) === sockets.length);
    // One per connection, because it is larger than the buffers of the kernel.
    expect(await answeredQueries(server)).toBeLessThanOrEqual(3 * sockets.length);
    const { status } = await post(server, '{ jobs(first: 5) { totalCount } }');
    expect(status).toBe(200);
  });

  test('websocket-queries: a WebSocket with too much waiting data is closed at once', async () => {
    const server = await serveLargeAnswers({ limits: { unreadBytes: 10_000_000 } });
    const socket = (await openSocket(server)) as WebSocket;
    socket.send(JSON.stringify({ type: 'connection_init' }));
    await once(socket, 'message');
    socket.pause();
    for (let id = 0; id < 40; id += 1)
      socket.send(JSON.stringify({ type: 'subscribe', id: String(id), payload: { query: LARGE } }));
    const closed = once(socket, 'close');
    await until('queries are answered', async () => (await answeredQueries(server)) > 0);
    await until('it is gone', async () =>
      /^trainyard_websockets 0$/m.test((await ask(server, { path: '/metrics' })).text),
    );
    expect(await answeredQueries(server)).toBeLessThan(10);
    socket.resume();
    // Clients reconnect after this code.
    expect((await closed)[0]).toBe(1006);
  });

  test('a client that sends but does not read is disconnected', async () => {
    const server = await serveLargeAnswers({ limits: { unreadTime: 1000 } });
    const socket = await open(server);
    socket.write(rawPost(server, LARGE).repeat(5));
    const timer = setInterval(() => socket.write('P'), 50);
    onTestFinished(() => clearInterval(timer));
    await until('it is cut', () => cuts(server) === 1);
  });
});

test('a client that reads slowly but steadily receives everything', async () => {
  // Far above its pauses, because client and server share a process here, and below the time of the whole.
  const server = await serveLargeAnswers({ limits: { unreadTime: 2500 } });
  const socket = await open(server);
  const requests = 4;
  socket.write(rawPost(server, LARGE).repeat(requests));
  let answers = 0;
  let bytes = 0;
  let tail = '';
  let pause = 1_500_000;
  socket.on('data', (chunk: Buffer) => {
    const text = tail + chunk.toString('latin1');
    answers += text.split('HTTP/1.1 200').length - 1;
    tail = text.slice(-11);
    bytes += chunk.length;
    if (bytes < pause) return;
    pause = bytes + 1_500_000;
    socket.pause();
    setTimeout(() => socket.resume(), 200);
  });
  socket.resume();
  await until('all has arrived', () => answers === requests && bytes > requests * 6_000_000);
  expect(cuts(server)).toBe(0);
});

describe('requests of one connection', () => {
  test('are answered one after the other, in order', async () => {
    const server = await serve();
    const socket = await open(server);
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    socket.resume();
    socket.write([1, 2, 3].map((number) => rawPost(server, `{ a${number}: __typename }`)).join(''));
    await until('all have arrived', () => text.includes('"a3"'));
    expect(text.match(/"a\d"/g)).toEqual(['"a1"', '"a2"', '"a3"']);
  });

  test('above the limit close it, and no waiting one is run', async () => {
    const server = await serve();
    const socket = await open(server);
    const feed = 'subscription { jobsChanged { __typename } }';
    socket.write(rawPost(server, feed, 'text/event-stream'));
    await until('it is subscribed', () => server.runner.watching === 1);
    const closed = once(socket, 'close');
    socket.write(rawPost(server, '{ __typename }').repeat(100));
    socket.resume();
    await closed;
    await until('the feed is closed', () => server.runner.watching === 0);
    expect(await answeredQueries(server)).toBe(0);
    // No unanswered request remains.
    const requests = () => server.log.filter(({ msg }) => msg === 'request').length;
    await until('each is over', () => requests() > 33);
  });
});

describe('which connections are cut', () => {
  const limits = { unreadTime: 1000, unreadBytes: 100, unreadTotalBytes: 150 };
  const connection = (name: string, bytes: number, stuck: number) => ({ name, bytes, stuck });

  test.each([
    ['none that moves and is small', [connection('a', 50, 0), connection('b', 50, 900)], []],
    ['one that is stuck for too long', [connection('a', 50, 0), connection('b', 1, 1000)], ['b']],
    ['one with too much', [connection('a', 101, 0), connection('b', 50, 0)], ['a']],
    ['of too much together, what is stuck longest', [connection('a', 80, 0), connection('b', 80, 500)], ['b']],
    ['of equals the largest', [connection('a', 60, 0), connection('b', 90, 0), connection('c', 50, 0)], ['b']],
    [
      'no more than needed',
      [connection('a', 100, 0), connection('b', 50, 10), connection('c', 50, 20), connection('d', 200, 5)],
      ['d', 'c'],
    ],
  ])('%s', (_what, waiting, expected) => {
    expect(chooseCuts(waiting, limits).map(({ name }) => name)).toEqual(expected);
  });
});
