import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { failCalls } from '../faults/failing-calls.ts';
import { temporaryHome } from '../support/home.ts';
import { ended, reach } from '../support/runner.ts';
import { startTestServer } from '../support/server-process.ts';
import { until } from '../support/until.ts';
import { ask, codesOf, post, serve } from './support.ts';

interface TestServer {
  readonly port: number;
  readonly home: string;
}

const TABLE = 'x,y\n1,2\n3,4\n';
const CHUNK = Buffer.alloc(64 * 1024, 'a,b\n');

const put = (
  server: TestServer,
  name: string,
  body: string | Buffer = TABLE,
  headers: Record<string, string> = {},
  path = `/datasets/${name}`,
) => ask(server, { method: 'PUT', path, headers, body });

const filesOf = ({ home }: TestServer, folder = '') =>
  readdirSync(join(home, 'datasets', folder))
    .filter((name) => name !== 'sample.csv')
    .sort();
const contentOf = ({ home }: TestServer, name: string) => readFileSync(join(home, 'datasets', name), 'utf8');
/** What is being taken in. */
const staged = (server: TestServer) => (filesOf(server).includes('.incoming') ? filesOf(server, '.incoming') : []);

/** Begins an upload whose body is written by hand. */
function begin(server: TestServer, path: string, headers: Record<string, string> = {}): ClientRequest {
  const asked = request({ host: '127.0.0.1', port: server.port, method: 'PUT', path, headers, agent: false });
  asked.on('error', () => undefined);
  asked.flushHeaders();
  return asked;
}

async function answerTo(asked: ClientRequest): Promise<{ status: number; text: string }> {
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of response) text += String(chunk);
  return { status: response.statusCode ?? 0, text };
}

test('an uploaded table is listed, previewed and trained on', async () => {
  const server = await serve({ runner: { maxRunning: 1 } });
  const table = `x,y\n${Array.from({ length: 40 }, (_, x) => `${x},${2 * x}`).join('\n')}\n`;
  const answer = await put(server, encodeURIComponent('my täble.csv'), table);
  expect(answer.status).toBe(201);
  expect(JSON.parse(answer.text)).toEqual({ name: 'my täble.csv', bytes: Buffer.byteLength(table) });
  expect(contentOf(server, 'my täble.csv')).toBe(table);
  expect(staged(server)).toEqual([]);

  const { data } = (
    await post(server, '{ dataset(name: "my täble.csv") { url rows preview { rowsRead columns { name kind } } } }')
  ).json();
  expect(data?.['dataset']).toEqual({
    url: `/datasets/${encodeURIComponent('my täble.csv')}`,
    rows: 40,
    preview: { rowsRead: 40, columns: ['x', 'y'].map((name) => ({ name, kind: 'NUMBER' })) },
  });
  const { id } = await server.runner.start({ backend: 'SIMULATION', dataset: 'my täble.csv', epochs: 1 });
  expect((await reach(server.runner, id, ended)).state.status).toBe('COMPLETED');
});

test('a name that is taken is refused with a 409 and the old file stays, unless it is to be replaced', async () => {
  const server = await serve();
  expect((await put(server, 'a.csv')).status).toBe(201);
  const refused = await put(server, 'a.csv', 'x\n1\n');
  expect(refused.status).toBe(409);
  expect(codesOf(refused.json())).toEqual(['DATASET_EXISTS']);
  expect(contentOf(server, 'a.csv')).toBe(TABLE);

  const replaced = await put(server, 'a.csv?replace=true', 'x\n1\n');
  expect(replaced.status).toBe(200);
  expect(contentOf(server, 'a.csv')).toBe('x\n1\n');
  expect((await put(server, 'a.csv?replace=maybe')).status).toBe(400);
});

test('a link is replaced, and not what it leads to', async () => {
  const server = await serve();
  const outside = join(server.home, 'outside.csv');
  writeFileSync(outside, 'mine');
  symlinkSync(outside, join(server.home, 'datasets', 'link.csv'));
  expect((await put(server, 'link.csv')).status).toBe(409);
  expect((await put(server, 'link.csv?replace=true')).status).toBe(200);
  expect(readFileSync(outside, 'utf8')).toBe('mine');
  expect(contentOf(server, 'link.csv')).toBe(TABLE);
});

describe.each([
  ['by the client', {}, (asked: ClientRequest) => void asked.destroy()],
  ['by its silence', { requestArrival: 300 }, () => undefined],
] as const)('an upload that is broken off %s', (_who, limits, breakOff) => {
  test.each([
    ['with a length', { 'content-length': '1000000' }],
    ['in chunks', { 'transfer-encoding': 'chunked' }],
  ])('%s leaves nothing, and the old file in its place', async (_how, headers: Record<string, string>) => {
    const server = await serve({ limits });
    await put(server, 'old.csv');
    const asked = begin(server, '/datasets/old.csv?replace=true', headers);
    const other = begin(server, '/datasets/new.csv', headers);
    for (const each of [asked, other]) each.write(CHUNK);
    await until('both have begun', () => staged(server).length === 2);
    for (const each of [asked, other]) breakOff(each);
    await until('nothing is left of them', () => staged(server).length === 0);
    expect(filesOf(server).filter((name) => name !== '.incoming')).toEqual(['old.csv']);
    expect(contentOf(server, 'old.csv')).toBe(TABLE);
    asked.destroy();
    other.destroy();
    expect(server.log.filter(({ level }) => level >= 40)).toEqual([]);
  });
});

test('an upload may take longer than any other request, as long as it goes on', async () => {
  const server = await serve({ limits: { requestArrival: 400 } });
  const began = performance.now();
  const asked = begin(server, '/datasets/slow.csv', { 'transfer-encoding': 'chunked' });
  const answer = answerTo(asked);
  asked.write('x,y\n');
  let rows = 0;
  // A pause is a twentieth of what it may be.
  while (performance.now() - began < 1500) {
    asked.write(`${rows},1\n`);
    rows += 1;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  asked.end();
  expect((await answer).status).toBe(201);
  expect(contentOf(server, 'slow.csv').split('\n')).toHaveLength(rows + 2);
});

test('any other request is cut off when it does not arrive in time', async () => {
  const server = await serve({ limits: { requestArrival: 300 } });
  const socket = createConnection(server.port, '127.0.0.1');
  socket.write(
    'POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{',
  );
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  expect(text).toMatch(/^HTTP\/1\.1 408 /);
});

test('what is too large is refused with a 413, at once by its length or as soon as it is too much', async () => {
  const server = await serve({ limits: { uploadBytes: 100_000 } });
  const byLength = begin(server, '/datasets/a.csv', { 'content-length': '100001' });
  const refused = await answerTo(byLength);
  byLength.destroy();
  expect(refused.status).toBe(413);
  expect(refused.text).toContain('DATASET_TOO_LARGE');

  const streamed = await put(server, 'a.csv', Buffer.alloc(1_000_000, 'a'), { 'transfer-encoding': 'chunked' });
  expect(streamed.status).toBe(413);
  await until('nothing is left of it', () => staged(server).length === 0);
  expect(filesOf(server)).not.toContain('a.csv');

  expect((await put(server, 'a.csv', Buffer.alloc(100_000, 'a'))).status).toBe(201);
});

test('who asks before sending is told to go on only when the file is wanted', async () => {
  const server = await serve();
  const expecting = { expect: '100-continue', 'content-length': String(TABLE.length) };
  const wanted = begin(server, '/datasets/a.csv', expecting);
  await once(wanted, 'continue');
  wanted.end(TABLE);
  expect((await answerTo(wanted)).status).toBe(201);

  const unwanted = begin(server, '/datasets/a.csv', expecting);
  unwanted.once('continue', () => unwanted.emit('error', new Error('it was told to go on')));
  expect((await answerTo(unwanted)).status).toBe(409);
  unwanted.destroy();

  const query = JSON.stringify({ query: '{ __typename }' });
  const headers = { 'content-type': 'application/json', expect: '100-continue' };
  expect((await ask(server, { method: 'POST', headers, body: query })).status).toBe(200);
});

test('names that lead elsewhere, are hidden or do not tell a format are refused', async () => {
  const server = await serve();
  for (const [name, status] of [
    ['..%2Fescaped.csv', 400],
    ['../escaped.csv', 400],
    ['%2Fetc%2Fescaped.csv', 400],
    ['..%5Cescaped.csv', 400],
    ['folder/a.csv', 400],
    ['.hidden.csv', 400],
    ['.incoming%2Fa.csv', 400],
    ['a%00.csv', 400],
    ['a%0A.csv', 400],
    ['a%E2%80%AEvsc.csv', 400],
    ['%20a.csv', 400],
    ['a.exe', 400],
    ['a', 400],
    ['', 400],
    [`${'a'.repeat(300)}.csv`, 400],
    ['%FF.csv', 404],
  ] as const) {
    const answer = await put(server, name);
    expect([name, answer.status]).toEqual([name, status]);
    expect(answer.json().errors?.[0]?.message).toMatch(/\.$/);
  }
  expect(filesOf(server)).toEqual([]);
  expect(readdirSync(server.home).sort()).toEqual(['artifacts', 'datasets', 'models']);
});

test('every name that tells a format is taken', async () => {
  const server = await serve();
  for (const name of ['a.csv', 'a.tsv', 'a.jsonl', 'A.NDJSON', 'a b.csv.gz', '日本.csv', 'a.txt']) {
    expect((await put(server, encodeURIComponent(name))).status).toBe(201);
    expect(filesOf(server)).toContain(name);
  }
});

test('a folder is not replaced', async () => {
  const server = await serve();
  mkdirSync(join(server.home, 'datasets', 'folder.csv'));
  expect((await put(server, 'folder.csv?replace=true')).status).toBe(400);
});

test.each([
  { 'content-type': 'multipart/form-data; boundary=x' },
  { 'content-encoding': 'gzip' },
  { 'content-range': 'bytes 0-3/12' },
])('a body that is not the file itself is refused: %j', async (headers: Record<string, string>) => {
  const server = await serve();
  expect((await put(server, 'a.csv', TABLE, headers)).status).toBe(415);
  expect(filesOf(server)).not.toContain('a.csv');
});

test('of two uploads of one name at once one wins, whole', async () => {
  const server = await serve();
  const bodies = ['a', 'b'].map((letter) => Buffer.alloc(2_000_000, letter));
  const uploads = bodies.map(() => begin(server, '/datasets/same.csv', { 'content-length': '2000000' }));
  const answers = uploads.map(answerTo);
  uploads.forEach((upload, index) => upload.write(bodies[index]?.subarray(0, 1_000_000)));
  await until('both have begun', () => staged(server).length === 2);
  uploads.forEach((upload, index) => upload.end(bodies[index]?.subarray(1_000_000)));
  const statuses = (await Promise.all(answers)).map(({ status }) => status);
  expect([...statuses].sort()).toEqual([201, 409]);
  const winner = bodies[statuses.indexOf(201)];
  expect(readFileSync(join(server.home, 'datasets', 'same.csv')).equals(winner ?? Buffer.of())).toBe(true);
});

test('no more than so many uploads are under way; one more is asked to come back later', async () => {
  const server = await serve({ limits: { uploads: 1 } });
  const first = begin(server, '/datasets/a.csv', { 'transfer-encoding': 'chunked' });
  first.write(TABLE);
  await until('it has begun', () => staged(server).length === 1);
  const second = await put(server, 'b.csv');
  expect(second.status).toBe(503);
  expect(second.headers['retry-after']).toBeDefined();
  const answer = answerTo(first);
  first.end();
  expect((await answer).status).toBe(201);
  expect((await put(server, 'b.csv')).status).toBe(201);
});

test('pages of others, strange hosts and those without a token upload nothing; an allowed page may', async () => {
  const token = { name: 'me', digest: createHash('sha256').update('secret').digest() };
  const origin = 'https://lab.example';
  const server = await serve({ settings: { tokens: [token], allowedOrigins: [origin] } });
  const authorization = 'Bearer secret';
  expect((await put(server, 'a.csv')).status).toBe(401);
  expect((await put(server, 'a.csv', TABLE, { authorization: 'Bearer wrong' })).status).toBe(401);
  expect((await put(server, 'a.csv', TABLE, { authorization, origin: 'https://evil.example' })).status).toBe(403);
  expect((await put(server, 'a.csv', TABLE, { authorization, host: 'evil.example' })).status).toBe(403);
  expect(filesOf(server)).toEqual([]);

  const preflight = async (from: string) =>
    ask(server, {
      method: 'OPTIONS',
      path: '/datasets/a.csv',
      headers: { origin: from, 'access-control-request-method': 'PUT' },
    });
  expect((await preflight('https://evil.example')).status).toBe(403);
  expect((await preflight(origin)).headers['access-control-allow-methods']).toMatch(/PUT/);
  const allowed = await put(server, 'a.csv', TABLE, { authorization, origin });
  expect(allowed.status).toBe(201);
  expect(allowed.headers['access-control-allow-origin']).toBe(origin);
});

test('a server that is killed during an upload leaves the old file, and the next one removes the rest', async () => {
  const home = temporaryHome();
  const first = await startTestServer({ home });
  await put(first, 'old.csv');
  const asked = begin(first, '/datasets/old.csv?replace=true', { 'content-length': '1000000' });
  asked.write(CHUNK);
  await until('it has begun', () => staged(first).length === 1);
  await first.end('SIGKILL');
  expect(staged(first)).toHaveLength(1);

  await using next = await startTestServer({ home });
  await until('the rest is gone', () => !filesOf(next).includes('.incoming'));
  expect(filesOf(next)).toEqual(['old.csv']);
  expect(contentOf(next, 'old.csv')).toBe(TABLE);
});

test.each(['writeFile', 'sync'])('a disk that is full at the %s is told as such, and nothing is kept', async (call) => {
  const server = await serve();
  await put(server, 'old.csv');
  using failing = failCalls(server.home, {
    call: `${call} of datasets/.incoming/upload`,
    occurrence: 1,
    code: 'ENOSPC',
  });
  const refused = await put(server, 'old.csv?replace=true', 'x\n1\n');
  expect(refused.status).toBe(507);
  expect(codesOf(refused.json())).toEqual(['NO_SPACE']);
  expect(failing.failed).toHaveLength(1);
  expect(staged(server)).toEqual([]);
  expect(contentOf(server, 'old.csv')).toBe(TABLE);
});
