import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { Agent, type IncomingMessage, request } from 'node:http';
import { connect as connectTcp } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { until } from '../support/until.ts';
import { ask, connect, queueJob, serve } from './support.ts';

const WATCH = 'subscription ($id: ID!) { jobProgress(id: $id) { status } }';

test('an open WebSocket is closed with a code after which clients reconnect', async () => {
  const { server, runner, port } = await serve();
  const { id } = await queueJob(runner);
  const client = connect({ port });
  const feed = client.iterate({ query: WATCH, variables: { id } });
  await feed.next();
  const lost = expect(feed.next()).rejects.toMatchObject({ code: 1012 });
  await server[Symbol.asyncDispose]();
  await lost;
  expect(runner.watching).toBe(0);
});

test('an event stream is cut, not completed, so that clients reconnect', async () => {
  const { server, runner, url } = await serve();
  const { id } = await queueJob(runner);
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
    body: JSON.stringify({ query: WATCH, variables: { id } }),
  });
  await until('the feed is watched', () => runner.watching === 1);
  const text = expect(response.text()).rejects.toThrow(/terminated/);
  await server[Symbol.asyncDispose]();
  await text;
  await until('all feeds are closed', () => runner.watching === 0);
});

test('the server stops listening, and a waiting job keeps waiting', async () => {
  const { server, runner, port } = await serve();
  const { id } = await queueJob(runner);
  await server[Symbol.asyncDispose]();
  await expect(ask({ port })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  expect(runner.get(id)?.state.status).toBe('QUEUED');
});

test('an active request is answered, and readiness reports closing', async () => {
  const { server, port } = await serve();
  const socket = connectTcp(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write('GET /ready HTTP/1.1\r\nHost: localhost\r\n');
  // Until it has been read the connection counts as idle, and closing ends those at once.
  await until('the server has read the half request', () => socket.bytesWritten > 0 && socket.writableLength === 0);
  expect((await ask({ port }, { path: '/ready' })).text).toBe('{"status":"ready"}');

  const closing = server[Symbol.asyncDispose]();
  let answer = '';
  socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
  socket.write('\r\n');
  await once(socket, 'close');
  expect(answer).toMatch(/^HTTP\/1\.1 503 /);
  expect(answer).toContain('{"status":"closing"}');
  await closing;
});

test('a request that never arrives does not block the shutdown', async () => {
  const { server, port } = await serve({ limits: { closing: 100 } });
  const socket = connectTcp(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write(
    'POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{',
  );
  expect((await ask({ port }, { path: '/health' })).status).toBe(200);
  const gone = once(socket, 'close');
  socket.resume();
  await server[Symbol.asyncDispose]();
  await gone;
});

test('disposing twice, also concurrently, is the same as once', async () => {
  const { server } = await serve();
  await Promise.all([server[Symbol.asyncDispose](), server[Symbol.asyncDispose]()]);
  await server[Symbol.asyncDispose]();
});

test('an answer in progress arrives completely, however slowly it is read', async () => {
  const { server, home, port } = await serve();
  const bytes = 32 * 1024 * 1024;
  writeFileSync(join(home, 'datasets', 'large.csv'), Buffer.alloc(bytes, 'a,b\n'));
  // On a connection that would be kept: it must not hold the server up once the answer is read.
  const agent = new Agent({ keepAlive: true });
  onTestFinished(() => agent.destroy());
  const asked = request({ host: '127.0.0.1', port, path: '/datasets/large.csv', agent }).end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  const closing = server[Symbol.asyncDispose]();
  await expect(ask({ port })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  let received = 0;
  for await (const chunk of response) received += (chunk as Buffer).length;
  expect(received).toBe(bytes);
  await closing;
});

test('a refused WebSocket whose client keeps its side of the connection open does not delay it', async () => {
  const { server, port } = await serve();
  const socket = connectTcp({ port, host: '127.0.0.1', allowHalfOpen: true });
  onTestFinished(() => void socket.destroy());
  socket.write('GET / HTTP/1.1\r\nHost: lab.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
  socket.resume();
  await once(socket, 'end');
  await server[Symbol.asyncDispose]();
});
