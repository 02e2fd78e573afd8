import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { ended, PYTHON, reach } from '../support/runner.ts';
import { tokenOf } from '../support/tokens.ts';
import { until } from '../support/until.ts';
import { ask, codesOf, post, serve } from './support.ts';
import { answerTo, begin, contentOf, filesOf, put, staged, TABLE } from './uploading.ts';

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

test('JSON and Parquet are uploaded, described and previewed', async () => {
  const server = await serve();
  const parquet = execFileSync(PYTHON, [
    '-c',
    'import polars, sys; polars.DataFrame({"x": [0.5, 1.5], "y": ["a", "b"]}).write_parquet(sys.stdout.buffer)',
  ]);
  expect((await put(server, 'a.json', '[{"x": 0.5, "y": "a"},\n{"x": 1.5, "y": "b"}]')).status).toBe(201);
  expect((await put(server, 'a.parquet', parquet)).status).toBe(201);
  for (const [name, format] of [
    ['a.json', 'JSON'],
    ['a.parquet', 'PARQUET'],
  ] as const) {
    const { data } = (
      await post(server, `{ dataset(name: "${name}") { format columns rows problem preview { complete rows } } }`)
    ).json();
    expect(data?.['dataset']).toEqual({
      ...{ format, columns: ['x', 'y'], rows: 2, problem: null },
      preview: {
        complete: true,
        rows: [
          ['0.5', 'a'],
          ['1.5', 'b'],
        ],
      },
    });
  }
});

test('a file that is not a dataset is refused with the reason, and the old file stays', async () => {
  const server = await serve();
  expect((await put(server, 'a.csv')).status).toBe(201);
  for (const [content, reason] of [
    ['', /^The file is empty/],
    ['%PDF-1.7', /^The file is a PDF/],
  ] as const) {
    const answer = await put(server, 'a.csv?replace=true', content);
    expect(answer.status).toBe(400);
    expect(answer.json().errors?.[0]?.message).toMatch(reason);
  }
  expect(contentOf(server, 'a.csv')).toBe(TABLE);
  expect(staged(server)).toEqual([]);
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

test('replacing a symbolic link does not change its target', async () => {
  const server = await serve();
  const outside = join(server.home, 'outside.csv');
  writeFileSync(outside, 'mine');
  symlinkSync(outside, join(server.home, 'datasets', 'link.csv'));
  expect((await put(server, 'link.csv')).status).toBe(409);
  expect((await put(server, 'link.csv?replace=true')).status).toBe(200);
  expect(readFileSync(outside, 'utf8')).toBe('mine');
  expect(contentOf(server, 'link.csv')).toBe(TABLE);
});

test('a file that is too large is rejected with a 413, by its Content-Length or as soon as it exceeds the limit', async () => {
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

test('a client that sends Expect gets 100 Continue only if the upload is accepted', async () => {
  const server = await serve();
  const expecting = { expect: '100-continue', 'content-length': String(TABLE.length) };
  const wanted = begin(server, '/datasets/a.csv', expecting);
  await once(wanted, 'continue');
  wanted.end(TABLE);
  expect((await answerTo(wanted)).status).toBe(201);

  const unwanted = begin(server, '/datasets/a.csv', expecting);
  unwanted.once('continue', () => unwanted.emit('error', new Error('unexpected 100 Continue')));
  expect((await answerTo(unwanted)).status).toBe(409);
  unwanted.destroy();

  const query = JSON.stringify({ query: '{ __typename }' });
  const headers = { 'content-type': 'application/json', expect: '100-continue' };
  expect((await ask(server, { method: 'POST', headers, body: query })).status).toBe(200);
});

test('names outside the folder, hidden names and names without a known format are rejected', async () => {
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
  expect(readdirSync(server.home).sort()).toEqual(['artifacts', 'datasets', 'models', 'trainers']);
});

test('every name with a known format is accepted', async () => {
  const server = await serve();
  for (const [name, content] of [
    ...['a.csv', 'a.tsv', '日本.csv', 'a.txt'].map((name) => [name, TABLE] as const),
    ...['a.jsonl', 'A.NDJSON', 'a.json'].map((name) => [name, '{"x": 1, "y": 2}\n'] as const),
    ['a b.csv.gz', gzipSync(TABLE)] as const,
    ['a.Parquet', 'PAR1'] as const,
  ]) {
    expect((await put(server, encodeURIComponent(name), content)).status).toBe(201);
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

test('one upload above the limit is asked to try again later', async () => {
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

test('foreign pages, unknown hosts and clients without a token cannot upload; an allowed page can', async () => {
  const token = tokenOf('me', 'secret');
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
