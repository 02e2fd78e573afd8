import type { ClientRequest } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { codesOf, type GraphQLAnswer, serve } from '../server/support.ts';
import { answerTo, begin, CHUNK, filesOf, put, staged } from '../server/uploading.ts';
import { tokenOf } from '../support/tokens.ts';
import { until } from '../support/until.ts';

const TOKENS = ['ada', 'bob', 'eve'].map((name) => tokenOf(name, name));
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const chunked = { 'transfer-encoding': 'chunked' };
/** A window that a test can wait for. */
const FAST = { uploadRateWindow: 2000, uploadBytesPerSecond: 1000 };

const codes = (text: string) => codesOf(JSON.parse(text) as GraphQLAnswer);

/** Sends continuously but slowly, to keep a slot: 200 bytes a second. */
function trickle(upload: ClientRequest): void {
  const timer = setInterval(() => upload.write('1,2\n'), 20);
  const stop = () => clearInterval(timer);
  upload.once('response', stop).once('close', stop);
  onTestFinished(() => {
    stop();
    upload.destroy();
  });
}

test('[upload-trickle] an upload that stays below the minimum rate is ended with a 408 that names the reason', async () => {
  const server = await serve({ limits: FAST });
  const upload = begin(server, '/datasets/slow.csv', chunked);
  const answer = answerTo(upload);
  trickle(upload);
  const { status, text } = await answer;
  expect(status).toBe(408);
  expect(codes(text)).toEqual(['UPLOAD_TOO_SLOW']);
  await until('nothing is left of it', () => staged(server).length === 0);
  expect(filesOf(server).filter((name) => name !== '.incoming')).toEqual([]);
  expect(server.log.filter(({ level }) => level >= 40)).toEqual([]);
});

test('[upload-rate] an upload above the minimum rate may take many windows', async () => {
  const server = await serve({ limits: { uploadRateWindow: 1000, uploadBytesPerSecond: 1000 } });
  const upload = begin(server, '/datasets/steady.csv', chunked);
  const answer = answerTo(upload);
  for (let piece = 0; piece < 50; piece += 1) {
    upload.write(CHUNK);
    // Far below a window, so that every window has pieces.
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  upload.end();
  expect((await answer).status).toBe(201);
});

test('[upload-silent] an upload that stops sending is ended with a 408 that names the reason', async () => {
  const server = await serve({ limits: { requestTimeout: 500 } });
  const { status, text } = await answerTo(begin(server, '/datasets/silent.csv', chunked));
  expect(status).toBe(408);
  expect(codes(text)).toEqual(['REQUEST_TIMEOUT']);
});

test('[upload-slots] one client cannot take the slots of others, and gets its own back', async () => {
  const server = await serve({ settings: { tokens: TOKENS } });
  const uploads = [1, 2, 3, 4].map((n) => begin(server, `/datasets/ada-${n}.csv`, { ...chunked, ...bearer('ada') }));
  for (const upload of uploads) upload.write(CHUNK);
  await until('all have begun', () => staged(server).length === 4);
  const refused = await put(server, 'ada-5.csv', undefined, bearer('ada'));
  expect([refused.status, refused.headers['retry-after'], codesOf(refused.json())]).toEqual([
    429,
    '10',
    ['TOO_MANY_UPLOADS'],
  ]);
  expect((await put(server, 'bob.csv', undefined, bearer('bob'))).status).toBe(201);
  const answers = uploads.map(answerTo);
  for (const upload of uploads) upload.end();
  for (const answer of answers) expect((await answer).status).toBe(201);
  expect((await put(server, 'ada-5.csv', undefined, bearer('ada'))).status).toBe(201);
});

test('[upload-slots-address] without configured tokens, an address is one client, even with different token headers', async () => {
  const server = await serve();
  const uploads = [1, 2, 3, 4].map((n) =>
    begin(server, `/datasets/${n}.csv`, { ...chunked, ...bearer(`made up ${n}`) }),
  );
  for (const upload of uploads) upload.write(CHUNK);
  await until('all have begun', () => staged(server).length === 4);
  expect((await put(server, '5.csv')).status).toBe(429);
  for (const upload of uploads) upload.destroy();
  await until('a slot is free', async () => (await put(server, '5.csv')).status === 201);
});

test('[upload-hold] two users with slow uploads leave slots for others, and give theirs back', async () => {
  const server = await serve({ settings: { tokens: TOKENS }, limits: FAST });
  const answers = [1, 2, 3, 4].flatMap((n) =>
    ['ada', 'bob'].map((token) => {
      const upload = begin(server, `/datasets/${token}-${n}.csv`, { ...chunked, ...bearer(token) });
      const answer = answerTo(upload);
      trickle(upload);
      return answer;
    }),
  );
  await until('half of the slots are taken', () => staged(server).length >= 4);
  expect((await put(server, 'eve.csv', undefined, bearer('eve'))).status).toBe(201);
  const statuses = (await Promise.all(answers)).map(({ status }) => status).sort();
  // At least four began and were too slow; those for which no slot was left were refused at once.
  expect(new Set(statuses)).toEqual(new Set([408, 429]));
  expect(statuses.filter((status) => status === 408).length).toBeLessThanOrEqual(5);
  await until(
    'Ada can upload again',
    async () => (await put(server, 'eve.csv?replace=true', undefined, bearer('ada'))).status < 300,
  );
});
