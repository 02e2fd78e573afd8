import { once } from 'node:events';
import { appendFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { onTestFinished, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { until } from '../support/until.ts';
import { openSocket, queueJob, serve, type TestServer } from './support.ts';

/** Memory held for an idle reader must be a small part of what was written meanwhile. */
const UPDATES = 4000;
const NOTES_BYTES = 10_000;
const ALL_BYTES = UPDATES * NOTES_BYTES;

const LINES = 40_000;
const LINE_BYTES = 500;

const WATCH = 'subscription { jobsChanged { job { notes } } }';

/** The server must not disconnect a reader that is idle for as long as a busy machine needs for all updates. */
const PATIENT = { unreadTime: 600_000 };

/** Bytes in use, in the heap and in buffers outside of it, after everything that can be collected was. */
function bytesInUse(): number {
  for (let round = 0; round < 2; round += 1) globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Changes one job again and again, and gives what all of that added to what is in use. */
async function changeOften({ runner }: TestServer): Promise<{ last: string; grown: number }> {
  const { id } = await queueJob(runner);
  const notes = (number: number) => `${number} `.padEnd(NOTES_BYTES, 'x');
  for (let number = 1; number <= 200; number += 1) await runner.update(id, { notes: notes(number) });
  const before = bytesInUse();
  for (let number = 201; number <= UPDATES; number += 1) {
    await runner.update(id, { notes: notes(number) });
    // Lets pending messages be sent.
    if (number % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  return { last: String(UPDATES), grown: bytesInUse() - before };
}

test('a WebSocket that stops reading costs little, and gets the newest state when it reads again', async () => {
  const server = await serve({ logLevel: 'silent', limits: PATIENT });
  const socket = (await openSocket(server)) as WebSocket;
  socket.send(JSON.stringify({ type: 'connection_init' }));
  await once(socket, 'message');
  socket.send(JSON.stringify({ type: 'subscribe', id: '1', payload: { query: WATCH } }));
  await until('it is subscribed', () => server.runner.watching === 1);

  socket.pause();
  const { last, grown } = await changeOften(server);
  expect(grown).toBeLessThan(ALL_BYTES / 4);

  const numbers: string[] = [];
  socket.on('message', (data: Buffer) => numbers.push(/"notes":"(\d+) /.exec(data.toString())?.[1] ?? ''));
  socket.resume();
  await until('the newest has arrived', () => numbers.at(-1) === last);
  expect(numbers.length).toBeLessThan(UPDATES / 2);
});

test('an event stream that stops reading costs little, and gets the newest state when it reads again', async () => {
  const server = await serve({ logLevel: 'silent', limits: PATIENT });
  const asked = request({
    host: '127.0.0.1',
    port: server.port,
    path: '/graphql',
    method: 'POST',
    agent: false,
    headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
  });
  onTestFinished(() => void asked.destroy());
  asked.on('error', () => undefined);
  asked.end(JSON.stringify({ query: WATCH }));
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  await until('it is subscribed', () => server.runner.watching === 1);

  response.pause();
  const { last, grown } = await changeOften(server);
  expect(grown).toBeLessThan(ALL_BYTES / 4);

  let text = '';
  let events = 0;
  response.on('data', (chunk: Buffer) => {
    // Only the end is of interest; the first part of it all is longer than what may be kept.
    text = (text + chunk.toString()).slice(-3 * NOTES_BYTES);
    events += chunk.toString().split('"notes"').length - 1;
  });
  response.resume();
  await until('the newest has arrived', () => text.includes(`"notes":"${last} `));
  expect(events).toBeLessThan(UPDATES / 2);
});

test('a reader of a log that stops reading costs little, and then gets every line', async () => {
  const server = await serve({ logLevel: 'silent', limits: PATIENT });
  const { id } = await queueJob(server.runner);
  const socket = (await openSocket(server)) as WebSocket;
  socket.send(JSON.stringify({ type: 'connection_init' }));
  await once(socket, 'message');
  const query = `subscription { jobLog(id: "${id}", last: 10000) { gap lines { text stream at } } }`;
  socket.send(JSON.stringify({ type: 'subscribe', id: '1', payload: { query } }));
  await until('it is subscribed', () => server.runner.watching === 1);

  socket.pause();
  const before = bytesInUse();
  // As a supervisor would write it, only faster.
  const log = join(server.home, 'artifacts/logs', `${id}.log`);
  for (let line = 0; line < LINES; line += LINES / 100) {
    const lines = Array.from({ length: LINES / 100 }, (_, index) =>
      `Line ${line + index + 1}/ `.padEnd(LINE_BYTES, 'x'),
    );
    appendFileSync(log, lines.map((text) => `2026-11-23T19:22:04.123456Z stdout F ${text}\n`).join(''));
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  expect(bytesInUse() - before).toBeLessThan((LINES * LINE_BYTES) / 4);
  await server.runner.stop(id);

  let next = 1;
  let gaps = 0;
  const completed = new Promise<void>((resolve) =>
    socket.on('message', (data: Buffer) => {
      const { type, payload } = JSON.parse(data.toString()) as {
        type: string;
        payload?: { data: { jobLog: { gap: boolean; lines: { text: string }[] } } };
      };
      if (type === 'complete') resolve();
      if (payload?.data.jobLog.gap) gaps += 1;
      for (const { text } of payload?.data.jobLog.lines ?? []) {
        if (text.startsWith(`Line ${next}/`)) next += 1;
      }
    }),
  );
  socket.resume();
  await completed;
  expect({ next, gaps }).toEqual({ next: LINES + 1, gaps: 0 });
});
