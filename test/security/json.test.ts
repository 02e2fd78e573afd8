import { once } from 'node:events';
import { expect, test } from 'vitest';
import type { WebSocket } from 'ws';
import { findJsonExcess } from '../../src/server/limits/json-scan.ts';
import { ask, codesOf, openSocket, post, serve } from '../server/support.ts';
import { COSTLY_JSON, lists, NESTED_JSON, objects } from './json-attacks.ts';

const ACCEPT = ['application/json', 'application/graphql-response+json', 'text/event-stream'];

test.each(NESTED_JSON)('%s: %s are refused before they are parsed', async (_id, _title, body) => {
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

test.each(COSTLY_JSON)('%s: %s take bounded CPU time, and others are answered', async (_id, _title, body) => {
  const server = await serve();
  const before = process.cpuUsage();
  const answer = await ask(server, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  const { user, system } = process.cpuUsage(before);
  expect(answer.text.length).toBeLessThan(10_000);
  // Measured: less than 100 ms.
  expect((user + system) / 1000).toBeLessThan(2000);
  expect((await post(server, '{ __typename }')).status).toBe(200);
});

const excessOf = (text: string, jsonLevels: number, jsonValues = 100) =>
  findJsonExcess(text, { jsonLevels, jsonValues, jsonNumberCharacters: 8 });

test('only brackets outside of strings count', () => {
  expect(excessOf(lists(3), 3)).toBe(null);
  expect(excessOf(lists(4), 3)).toBe('LEVELS');
  expect(excessOf(objects(4), 3)).toBe('LEVELS');
  expect(excessOf('[[]],[[]],[[]],[[]]', 2)).toBe(null);
  expect(excessOf('["[[[[[[", {"{{{{{": "\\"[[[[["}]', 2)).toBe(null);
  expect(excessOf('["\\\\", [[]]]', 2)).toBe('LEVELS');
  expect(excessOf('["', 2)).toBe(null);
});

test('values outside of strings and the characters of numbers count', () => {
  expect(excessOf('{"a":[1,2,3],"b":"1,2,3,4"}', 9, 5)).toBe(null);
  expect(excessOf('{"a":[1,2,3,4],"b":"1,2,3,4"}', 9, 5)).toBe('VALUES');
  expect(excessOf('[[[[[[]]]]]]', 9, 5)).toBe('VALUES');
  expect(excessOf('[1234567, -1.3e+99, "0123456789",            12]', 9)).toBe(null);
  expect(excessOf('{"a":123456789}', 9)).toBe('NUMBER');
});
