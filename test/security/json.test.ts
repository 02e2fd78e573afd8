import { once } from 'node:events';
import { expect, test } from 'vitest';
import type { WebSocket } from 'ws';
import { isNestedDeeper } from '../../src/server/bounded-json.ts';
import { ask, codesOf, openSocket, post, serve } from '../server/support.ts';

const QUERY = '"query":"{ __typename }"';
const lists = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
const objects = (levels: number) => '{"a":'.repeat(levels) + '1' + '}'.repeat(levels);

/** Bodies that cost a parser, or what reads its result, more than others of their size. */
const NESTED = [
  ['JSON-01', '450,000 lists within each other', `{${QUERY},"variables":{"a":${lists(450_000)}}}`],
  ['JSON-02', '160,000 objects within each other', `{${QUERY},"extensions":${objects(160_000)}}`],
  ['JSON-03', '900,000 lists that are never closed', '['.repeat(900_000)],
  ['JSON-04', 'nested lists behind a string with quotes and brackets', `{${QUERY},"b":"]\\"]\\\\","c":${lists(5000)}}`],
] as const;
const ACCEPT = ['application/json', 'application/graphql-response+json', 'text/event-stream'];

test.each(NESTED)('%s: %s are refused before they are parsed', async (_id, _title, body) => {
  const server = await serve();
  for (const accept of ACCEPT) {
    const answer = await ask(server, { method: 'POST', headers: { 'content-type': 'application/json', accept }, body });
    expect({ accept, status: answer.status }).toEqual({ accept, status: 400 });
    expect(answer.text).toContain('nests objects and lists deeper than 1024 levels. Use fewer levels.');
    expect(answer.text.length).toBeLessThan(1000);
  }
  const socket = (await openSocket(server)) as WebSocket;
  socket.send(body);
  expect((await once(socket, 'close')).map(String)).toEqual(['4400', 'JSON nests more than 1024 levels']);
  expect(server.log.filter(({ level }) => level >= 50)).toEqual([]);
});

test.each([
  ['nested lists', lists(1100), /nests objects and lists deeper than 1024 levels/],
  ['syntax errors', '{"a"', /^The parameter variables is not valid JSON\.$/],
])('%s in the URL of a GET are refused', async (_what, variables, message) => {
  const server = await serve();
  const parameters = new URLSearchParams({ query: '{ __typename }', variables });
  const answer = await ask(server, { path: `/graphql?${String(parameters)}`, headers: { accept: 'application/json' } });
  expect({ codes: codesOf(answer.json()), message: answer.json().errors?.[0]?.message }).toEqual({
    codes: ['BAD_REQUEST'],
    message: expect.stringMatching(message) as string,
  });
  expect(server.log.filter(({ level }) => level >= 50)).toEqual([]);
});

test.each([
  [
    'JSON-05',
    '70,000 keys',
    `{${QUERY},"variables":{${Array.from({ length: 70_000 }, (_, n) => `"k${n}":1`).join()}}}`,
  ],
  ['JSON-06', 'one key 140,000 times', `{${QUERY},"variables":{${'"a":1,'.repeat(140_000)}"a":1}}`],
  ['JSON-07', 'a number of 900,000 digits', `{${QUERY},"variables":{"a":0.${'1'.repeat(900_000)}}}`],
  [
    'JSON-08',
    'numbers that no float can hold',
    `{${QUERY},"variables":{"a":[${'1e999999,'.repeat(10_000)}-1e999999]}}`,
  ],
  ['JSON-09', 'a key of 900,000 characters', `{${QUERY},"variables":{"${'k'.repeat(900_000)}":1}}`],
  ['JSON-10', '300,000 empty lists', `{${QUERY},"variables":{"a":[${'[],'.repeat(300_000)}[]]}}`],
])('%s: %s take bounded CPU time, and others are answered', async (_id, _title, body) => {
  const server = await serve();
  const before = process.cpuUsage();
  const answer = await ask(server, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  const { user, system } = process.cpuUsage(before);
  expect(answer.text.length).toBeLessThan(10_000);
  // Measured: less than 100 ms.
  expect((user + system) / 1000).toBeLessThan(2000);
  expect((await post(server, '{ __typename }')).status).toBe(200);
});

test('only brackets outside of strings count', () => {
  expect(isNestedDeeper(lists(3), 3)).toBe(false);
  expect(isNestedDeeper(lists(4), 3)).toBe(true);
  expect(isNestedDeeper(objects(4), 3)).toBe(true);
  expect(isNestedDeeper('[[]],[[]],[[]],[[]]', 2)).toBe(false);
  expect(isNestedDeeper('["[[[[[[", {"{{{{{": "\\"[[[[["}]', 2)).toBe(false);
  expect(isNestedDeeper('["\\\\", [[]]]', 2)).toBe(true);
});
