import { once } from 'node:events';
import { chmodSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { WebSocket } from 'ws';
import { parseTokens } from '../../src/settings/tokens.ts';
import { codesOf, openSocket, post, queueJob, serve, type TestServer } from '../server/support.ts';
import { temporaryHome } from '../support/home.ts';
import { stepClock } from '../support/step-clock.ts';
import { bearer, tokenLine } from '../support/tokens.ts';
import { until } from '../support/until.ts';

/** How long a session may outlive its token, ms. */
const TWO_SECONDS = 2_000;
const HOUR_MS = 3_600_000;
const QUERY = '{ jobs { totalCount } }';
const FEED = 'subscription ($id: ID!) { jobProgress(id: $id) { status } }';
const ADA = tokenLine('ada', 'ada-secret', 'admin');
const BOB = tokenLine('bob', 'bob-secret', 'viewer');

/** A server with the tokens of Ada and Bob in a file. */
async function serveFile(content = ADA + BOB): Promise<TestServer & { readonly file: string }> {
  const file = join(temporaryHome(), 'tokens');
  writeFileSync(file, content);
  const tokens = parseTokens(content);
  if (typeof tokens === 'string') throw new Error(tokens);
  return { ...(await serve({ settings: { tokens, tokensFile: file } })), file };
}

/** A WebSocket whose subscription has given its first message. */
async function watchOverWebSocket(server: TestServer, secret: string): Promise<WebSocket> {
  const { id } = await queueJob(server.runner);
  const socket = await openSocket(server);
  if (typeof socket === 'number') throw new Error(`refused with ${socket}`);
  socket.send(JSON.stringify({ type: 'connection_init', payload: bearer(secret) }));
  await once(socket, 'message');
  socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: FEED, variables: { id } } }));
  const [message] = (await once(socket, 'message')) as [Buffer];
  expect(JSON.parse(message.toString())).toMatchObject({ type: 'next' });
  return socket;
}

/** An event stream that has given its first event. */
async function watchOverSse(server: TestServer, secret: string): Promise<IncomingMessage> {
  const { id } = await queueJob(server.runner);
  const headers = { accept: 'text/event-stream', 'content-type': 'application/json', ...bearer(secret) };
  const asked = request({ host: '127.0.0.1', port: server.port, method: 'POST', path: '/graphql', headers });
  onTestFinished(() => void asked.destroy());
  asked.end(JSON.stringify({ query: FEED, variables: { id } }));
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  response.on('error', () => undefined);
  await once(response, 'data');
  response.resume();
  return response;
}

async function closeOf(socket: WebSocket): Promise<{ code: number; waited: number }> {
  const began = performance.now();
  const [code] = (await once(socket, 'close')) as [number];
  return { code, waited: performance.now() - began };
}

const statusFor = async (server: TestServer, secret: string) =>
  (await post(server, QUERY, { headers: bearer(secret) })).status;

const replace = (file: string, content: string) => {
  writeFileSync(`${file}.new`, content);
  renameSync(`${file}.new`, file);
};

/** Each makes the token of Bob invalid. */
const LOSSES: readonly (readonly [id: string, lose: (file: string) => void])[] = [
  ['token-removed', (file) => replace(file, ADA)],
  ['token-removed-in-place', (file) => writeFileSync(file, ADA)],
  ['token-role-changed', (file) => replace(file, ADA + tokenLine('bob', 'bob-secret', 'operator'))],
  ['token-renamed', (file) => replace(file, ADA + tokenLine('rob', 'bob-secret', 'viewer'))],
  ['token-replaced', (file) => replace(file, ADA + tokenLine('bob', 'another-secret', 'viewer'))],
  [
    'token-expired-by-edit',
    (file) => replace(file, ADA + tokenLine('bob', 'bob-secret', 'viewer', 'expires=2020-01-01')),
  ],
];

describe.each(LOSSES)('[%s]', (_id, lose) => {
  test('its WebSocket closes with 4403 within two seconds, and others stay open', async () => {
    const server = await serveFile();
    const [bob, ada] = [await watchOverWebSocket(server, 'bob-secret'), await watchOverWebSocket(server, 'ada-secret')];
    lose(server.file);
    const { code, waited } = await closeOf(bob);
    expect(code).toBe(4403);
    expect(waited).toBeLessThan(TWO_SECONDS);
    expect(ada.readyState).toBe(ada.OPEN);
  });

  test('its event stream ends within two seconds, and others continue', async () => {
    const server = await serveFile();
    const [bob, ada] = [await watchOverSse(server, 'bob-secret'), await watchOverSse(server, 'ada-secret')];
    lose(server.file);
    const began = performance.now();
    await new Promise((resolve) => bob.once('close', resolve));
    expect(performance.now() - began).toBeLessThan(TWO_SECONDS);
    expect(ada.closed).toBe(false);
  });
});

test('[token-expired] a token that expires loses HTTP access at once, and its WebSocket within two seconds', async () => {
  const expires = new Date(Date.now() + HOUR_MS).toISOString();
  const server = await serveFile(ADA + tokenLine('bob', 'bob-secret', 'viewer', `expires=${expires}`));
  const socket = await watchOverWebSocket(server, 'bob-secret');
  stepClock(HOUR_MS);
  const closed = closeOf(socket);
  const refused = await post(server, QUERY, { headers: bearer('bob-secret') });
  expect(refused.status).toBe(401);
  expect(refused.json().errors?.[0]?.message).toContain('this token has expired');
  const { code, waited } = await closed;
  expect(code).toBe(4403);
  expect(waited).toBeLessThan(TWO_SECONDS);
});

test('[token-added] a new token is accepted without a restart', async () => {
  const server = await serveFile(ADA);
  expect(await statusFor(server, 'bob-secret')).toBe(401);
  replace(server.file, ADA + BOB);
  await until('it is accepted', async () => (await statusFor(server, 'bob-secret')) === 200);
});

const problemsIn = (server: TestServer) => server.log.filter(({ msg }) => msg.startsWith('TRAINYARD_TOKENS_FILE'));

test.each([
  ['[tokens-file-broken] a bad line', (file: string) => replace(file, 'my-plain-secret\n')],
  ['[tokens-file-deleted] a deleted file', (file: string) => rmSync(file)],
  ['[tokens-file-large] a file that is too large', (file: string) => replace(file, `#${'x'.repeat(1_000_001)}\n`)],
])('%s keeps the old tokens, and is logged once', async (_title, spoil) => {
  const server = await serveFile();
  spoil(server.file);
  await until('it is logged', () => problemsIn(server).length > 0);
  server.server.reloadTokens();
  expect(await statusFor(server, 'bob-secret')).toBe(200);
  expect(problemsIn(server)[0]?.level).toBe(50);
  expect(JSON.stringify(server.log)).not.toContain('my-plain-secret');
  replace(server.file, ADA);
  await until('the next good file applies', async () => (await statusFor(server, 'bob-secret')) === 401);
});

test('[tokens-file-empty] a file whose last token was removed locks every user out', async () => {
  const server = await serveFile(BOB);
  const socket = await watchOverWebSocket(server, 'bob-secret');
  writeFileSync(server.file, '');
  const { code, waited } = await closeOf(socket);
  expect(code).toBe(4403);
  expect(waited).toBeLessThan(TWO_SECONDS);
  expect(await statusFor(server, 'bob-secret')).toBe(401);
});

test('[tokens-file-truncated] a file that is empty for a moment while it is written locks no user out', async () => {
  const server = await serveFile();
  const socket = await watchOverWebSocket(server, 'bob-secret');
  writeFileSync(server.file, '');
  server.server.reloadTokens();
  writeFileSync(server.file, ADA + BOB + tokenLine('eve', 'eve-secret'));
  await until('the new token is accepted', async () => (await statusFor(server, 'eve-secret')) === 200);
  expect(socket.readyState).toBe(socket.OPEN);
});

test('[token-outlived] an operation on a socket is refused from the moment its token is no longer valid', async () => {
  const server = await serveFile();
  const socket = await watchOverWebSocket(server, 'bob-secret');
  const answers: string[] = [];
  socket.on('message', (data: Buffer) => answers.push(data.toString()));
  replace(server.file, ADA);
  server.server.reloadTokens();
  socket.send(JSON.stringify({ id: '2', type: 'subscribe', payload: { query: QUERY } }));
  expect((await closeOf(socket)).code).toBe(4403);
  expect(answers.filter((text) => text.includes('totalCount'))).toEqual([]);
});

test('[tokens-file-readable] a refusal contains nothing about the token', async () => {
  const server = await serveFile();
  chmodSync(server.file, 0o600);
  const { text, status, json } = await post(server, QUERY, { headers: bearer('guess') });
  expect(status).toBe(401);
  expect(codesOf(json())).toEqual(['UNAUTHENTICATED']);
  expect(text).not.toMatch(/ada|bob|guess/);
});
