import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createHttpsServer } from 'node:https';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { post } from '../../../src/runner/webhooks/post.ts';
import { temporaryHome } from '../../support/home.ts';

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.close();
    await once(server, 'close');
  });
  return (server.address() as AddressInfo).port;
}

const base = { headers: {}, body: '{}', allowPrivateAddresses: true, timeoutMs: 10_000 };
const signal = new AbortController().signal;

test('a receiver that accepts the connection and never answers times out', async () => {
  const port = await listen(createServer((socket) => socket.on('error', () => undefined).resume()));
  expect(await post({ ...base, url: `http://127.0.0.1:${port}/`, timeoutMs: 50, signal })).toEqual({
    kind: 'UNANSWERED',
    reason: 'No answer within 0.05 seconds.',
  });
});

test.each([
  ['closes the connection', ''],
  ['speaks another protocol', 'SSH-2.0-OpenSSH_9.2\r\n'],
  ['switches the protocol', 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n'],
  ['answers with endless headers', `HTTP/1.1 200 OK\r\nx: ${'x'.repeat(100_000)}\r\n\r\n`],
])('a receiver that %s has not answered', async (_what, answer) => {
  const port = await listen(
    createServer((socket) =>
      socket
        .on('error', () => undefined)
        .resume()
        .end(answer),
    ),
  );
  const outcome = await post({ ...base, url: `http://127.0.0.1:${port}/`, signal });
  expect(outcome).toMatchObject({ kind: 'UNANSWERED', reason: expect.stringMatching(/./) as string });
});

test('an unreachable receiver is UNANSWERED, and the reason does not contain the path', async () => {
  const port = await listen(createServer());
  const url = `http://127.0.0.1:${port === 1 ? 2 : 1}/sesame`;
  const outcome = await post({ ...base, url, signal });
  expect(outcome).toMatchObject({ kind: 'UNANSWERED', reason: expect.stringContaining('ECONNREFUSED') as string });
  expect(JSON.stringify(outcome)).not.toContain('sesame');
});

test('a post that the caller aborts is ABORTED', async () => {
  const controller = new AbortController();
  const port = await listen(
    createServer((socket) => {
      socket.on('error', () => undefined).resume();
      controller.abort();
    }),
  );
  expect(await post({ ...base, url: `http://127.0.0.1:${port}/`, signal: controller.signal })).toEqual({
    kind: 'ABORTED',
  });
});

test.skipIf(spawnSync('openssl', ['version']).status !== 0)(
  'over TLS, the certificate of the receiver must be trusted by this machine',
  async () => {
    const home = temporaryHome();
    const [key, cert] = [join(home, 'key.pem'), join(home, 'cert.pem')];
    const request = [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '2',
    ];
    const subject = ['-subj', '/CN=receiver', '-addext', 'subjectAltName=IP:127.0.0.1'];
    execFileSync('openssl', [...request, ...subject, '-keyout', key, '-out', cert], { stdio: 'ignore' });
    const options = { key: readFileSync(key), cert: readFileSync(cert) };
    const port = await listen(createHttpsServer(options, (_request, response) => response.writeHead(204).end()));
    const send = () => post({ ...base, url: `https://127.0.0.1:${port}/`, signal });

    expect(await send()).toMatchObject({ kind: 'UNANSWERED', reason: expect.stringMatching(/certificate/) as string });
    const trusted = getCACertificates();
    onTestFinished(() => setDefaultCACertificates(trusted));
    setDefaultCACertificates([...trusted, options.cert.toString()]);
    expect(await send()).toEqual({ kind: 'ANSWERED', statusCode: 204 });
  },
);
