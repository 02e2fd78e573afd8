import type { ClientRequest } from 'node:http';
import { readFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { failCalls } from '../faults/failing-calls.ts';
import { temporaryHome } from '../support/home.ts';
import { startTestServer } from '../support/server-process.ts';
import { until } from '../support/until.ts';
import { codesOf, serve } from './support.ts';
import { answerTo, begin, CHUNK, contentOf, filesOf, put, staged, TABLE } from './uploading.ts';

describe.each([
  ['by the client', {}, (asked: ClientRequest) => void asked.destroy()],
  ['by its silence', { requestTimeout: 2000 }, () => undefined],
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

test('an upload may take longer than any other request while data arrives', async () => {
  const server = await serve({ limits: { requestTimeout: 1500 } });
  const began = performance.now();
  const asked = begin(server, '/datasets/slow.csv', { 'transfer-encoding': 'chunked' });
  const answer = answerTo(asked);
  asked.write('x,y\n');
  let rows = 0;
  // A pause is far shorter than it may be.
  while (performance.now() - began < 2500) {
    asked.write(`${rows},1\n`);
    rows += 1;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  asked.end();
  expect((await answer).status).toBe(201);
  expect(contentOf(server, 'slow.csv').split('\n')).toHaveLength(rows + 2);
});

test('any other request is cut off when it does not arrive in time', async () => {
  const server = await serve({ limits: { requestTimeout: 300 } });
  const socket = createConnection(server.port, '127.0.0.1');
  socket.write(
    'POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{',
  );
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  expect(text).toMatch(/^HTTP\/1\.1 408 /);
});

test('of two concurrent uploads of one name, one succeeds completely', async () => {
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

test.each(['writeFile', 'sync'])(
  'a disk that is full at the %s is reported as full, and nothing is kept',
  async (call) => {
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
  },
);
