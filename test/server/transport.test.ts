import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { connect as connectTcp, createServer } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls, type DetailedPeerCertificate } from 'node:tls';
import { parse } from 'graphql';
import { createClient } from 'graphql-ws';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { createApi } from '../../src/cli/api/create-api.ts';
import { READ_TRAINERS } from '../../src/cli/api/operations/trainers.ts';
import { startServer } from '../../src/server/server.ts';
import { createLogger } from '../../src/server/logger.ts';
import { hasOpenssl, makeCertificate } from '../support/certificate.ts';
import { temporaryHome } from '../support/home.ts';
import { tokenOf } from '../support/tokens.ts';
import { until } from '../support/until.ts';
import { ask, overSse, post, queueJob, serve, type TestServer } from './support.ts';

/** Sends bytes over a new connection, and returns everything that arrives until it is closed. */
async function exchange({ port }: Pick<TestServer, 'port'>, text: string): Promise<string> {
  const socket = connectTcp(port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  socket.end(text);
  let answer = '';
  socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
  await once(socket, 'close');
  return answer;
}

describe('headers', () => {
  test('no answer of GraphQL is kept by a cache, shared with other sites or taken for another type', async () => {
    const server = await serve();
    const expected = {
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    };
    expect((await post(server, '{ __typename }')).headers).toMatchObject(expected);
    expect((await post(server, '{ nonsense }')).headers).toMatchObject(expected);
    expect((await ask(server, { method: 'POST', headers: { 'content-type': 'text/plain' } })).headers).toMatchObject(
      expected,
    );
  });

  test('server-sent events tell a proxy not to buffer them, other answers do not', async () => {
    const server = await serve();
    const events = await ask(server, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify({ query: '{ __typename }' }),
    });
    expect(events.headers).toMatchObject({ 'x-accel-buffering': 'no', 'cache-control': 'no-store' });
    expect(await overSse(server, '{ __typename }')).toHaveLength(1);
    expect((await post(server, '{ __typename }')).headers['x-accel-buffering']).toBeUndefined();
  });
});

describe('requests', () => {
  test('transport-two-hosts: a request or an upgrade with two Host headers is a 400', async () => {
    const server = await serve();
    const hosts = `Host: 127.0.0.1\r\nhost: localhost\r\nConnection: close\r\n`;
    expect(await exchange(server, `GET /health HTTP/1.1\r\n${hosts}\r\n`)).toMatch(/^HTTP\/1.1 400 /);
    const upgrade = `Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n`;
    const answer = await exchange(
      server,
      `GET /graphql HTTP/1.1\r\n${hosts.replace('close', 'Upgrade')}${upgrade}\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
    expect(await exchange(server, `GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`)).toMatch(
      / 200 /,
    );
  });

  test.each(['gzip', 'deflate', 'br', 'gzip, identity', 'x-unknown'])(
    'transport-coded-body: a body with the content coding %s is a 415',
    async (coding) => {
      const server = await serve();
      const refused = await post(server, '{ __typename }', { headers: { 'content-encoding': coding } });
      expect(refused.status).toBe(415);
      expect(refused.text).toContain('UNSUPPORTED_MEDIA_TYPE');
      expect((await post(server, '{ __typename }', { headers: { 'content-encoding': 'identity' } })).status).toBe(200);
    },
  );
});

describe('forwarded headers', () => {
  const forwarded = { host: '127.0.0.1', 'x-forwarded-for': '203.0.113.7', 'x-forwarded-host': 'evil.example' };

  test('transport-forwarded: forwarded headers are ignored by default', async () => {
    const server = await serve();
    expect((await post(server, '{ __typename }', { headers: forwarded })).status).toBe(200);
  });

  test('the server uses the host that a trusted proxy forwards', async () => {
    const server = await serve({ settings: { trustedProxies: ['127.0.0.0/8'], allowedHosts: ['lab.example'] } });
    expect((await post(server, '{ __typename }', { headers: forwarded })).status).toBe(403);
    const headers = { ...forwarded, 'x-forwarded-host': 'lab.example', origin: 'https://lab.example' };
    expect((await post(server, '{ __typename }', { headers })).status).toBe(200);
  });

  test('failed attempts count for the client address that a trusted proxy forwards', async () => {
    const tokens = [tokenOf('ada', 'right')];
    const server = await serve({ settings: { tokens, trustedProxies: ['127.0.0.1'] } });
    const headers = { authorization: 'Bearer wrong', 'x-forwarded-for': '198.51.100.1, 203.0.113.7' };
    expect((await post(server, '{ __typename }', { headers })).status).toBe(401);
    expect(JSON.stringify(server.log)).toContain('"address":"203.0.113.7"');
  });
});

async function commonName(port: number): Promise<string | undefined> {
  const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const { subject } = socket.getPeerCertificate() as DetailedPeerCertificate;
  socket.destroy();
  return subject.CN as string | undefined;
}

describe.skipIf(!hasOpenssl())('TLS', () => {
  test('HTTP and WebSocket are served over TLS, and plain HTTP is not', async () => {
    const server = await serve({ settings: { tls: makeCertificate(temporaryHome(), 'first') } });
    expect(server.url).toBe(`https://127.0.0.1:${server.port}`);
    const asked = request({ port: server.port, path: '/health', agent: new Agent({ rejectUnauthorized: false }) });
    asked.end();
    const [response] = (await once(asked, 'response')) as [import('node:http').IncomingMessage];
    expect(response.statusCode).toBe(200);
    response.resume();
    const job = await queueJob(server.runner);
    class Trusting extends WebSocket {
      constructor(url: string, protocol: string) {
        super(url, protocol, { rejectUnauthorized: false });
      }
    }
    const client = createClient({
      url: `wss://127.0.0.1:${server.port}/graphql`,
      webSocketImpl: Trusting,
      retryAttempts: 0,
    });
    onTestFinished(async () => client.dispose());
    const feed = client.iterate({ query: `subscription { jobProgress(id: "${job.id}") { status } }` });
    expect(await feed.next()).toMatchObject({ value: { data: { jobProgress: { status: 'QUEUED' } } } });
    await feed.return?.();
    expect(await exchange(server, 'GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n')).not.toContain('200');
  });

  test('a new certificate is used without a restart, and one that does not fit its key is not', async () => {
    const folder = temporaryHome();
    const files = makeCertificate(folder, 'first');
    const server = await serve({ settings: { tls: files } });
    expect(await commonName(server.port)).toBe('first');
    const second = makeCertificate(folder, 'second');
    renameSync(second.certFile, files.certFile);
    await until('the half of a new certificate is refused', () =>
      server.log.some(({ msg }) => msg.includes('cannot use the new TLS certificate')),
    );
    expect(await commonName(server.port)).toBe('first');
    renameSync(second.keyFile, files.keyFile);
    await until('the new certificate is used', async () => (await commonName(server.port)) === 'second');
  });
});

describe('a Unix socket', () => {
  const settings = { host: '127.0.0.1', port: 0, tokens: null, allowedHosts: [], allowedOrigins: [] };

  test('only its user can open it, the command uses it, and it is gone with the server', async () => {
    const socket = join(temporaryHome(), 'lab.sock');
    const server = await serve({ settings: { socket } });
    expect(server.url).toBe(`unix:${socket}`);
    expect(statSync(socket).mode & 0o777).toBe(0o600);
    const api = createApi({ url: server.url, signal: new AbortController().signal });
    expect((await api.request(READ_TRAINERS, {})).trainers.length).toBeGreaterThan(0);
    const job = await queueJob(server.runner);
    const document = `subscription { jobProgress(id: "${job.id}") { status } }`;
    for await (const data of api.subscribe(parse(document), {})) {
      expect(data).toEqual({ jobProgress: { status: 'QUEUED' } });
      break;
    }
    await server.server[Symbol.asyncDispose]();
    expect(existsSync(socket)).toBe(false);
  });

  test('the socket of a server that was killed is replaced, one in use and another file are not', async () => {
    const { runner } = await serve();
    const folder = temporaryHome();
    const stale = join(folder, 'stale.sock');
    const killed = `require('node:net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))`;
    expect(spawnSync(process.execPath, ['-e', killed, stale]).signal).toBe('SIGKILL');
    expect(statSync(stale).isSocket()).toBe(true);
    const logger = createLogger('silent');
    const start = (socket: string) => startServer({ settings: { ...settings, socket }, runner, logger });
    const server = await start(stale);
    onTestFinished(() => server[Symbol.asyncDispose]());

    const used = join(folder, 'used.sock');
    const other = createServer().listen(used);
    onTestFinished(() => void other.close());
    await once(other, 'listening');
    await expect(start(used)).rejects.toMatchObject({ code: 'EADDRINUSE' });
    expect(statSync(used).isSocket()).toBe(true);

    const file = join(folder, 'notes.txt');
    writeFileSync(file, 'mine');
    await expect(start(file)).rejects.toMatchObject({ code: 'EADDRINUSE' });
    expect(statSync(file).size).toBe(4);
  });
});
