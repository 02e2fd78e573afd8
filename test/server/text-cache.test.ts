import { expect, test } from 'vitest';
import { createTextCache } from '../../src/server/text-cache.ts';

const DOCUMENT = {};
const source = (name: string, length = 10) => name.padEnd(length);

test('documents are cached up to a number of characters, and the least recently used one is removed first', () => {
  const cache = createTextCache<object>(100, (text) => text);
  for (let index = 0; index < 10; index++) cache.set(source(`document${index}`), DOCUMENT);
  expect(cache.get(source('document0'))).toBe(DOCUMENT);
  cache.set(source('another'), DOCUMENT);
  expect(cache.get(source('document1'))).toBeUndefined();
  for (const name of ['document0', 'document2', 'another']) expect(cache.get(source(name))).toBe(DOCUMENT);
});

test('a document that would take a large part of the cache is not cached, and removes no other', () => {
  const cache = createTextCache<object>(100, (text) => text);
  cache.set(source('small'), DOCUMENT);
  cache.set(source('large', 11), DOCUMENT);
  expect(cache.get(source('large', 11))).toBeUndefined();
  expect(cache.get(source('small'))).toBe(DOCUMENT);
});

test('the same document is stored once', () => {
  const cache = createTextCache<object>(100, (text) => text);
  cache.set(source('first'), DOCUMENT);
  for (let turn = 0; turn < 50; turn++) cache.set(source('second'), DOCUMENT);
  expect(cache.get(source('first'))).toBe(DOCUMENT);
});

test('an entry counts with the text that is named', () => {
  const cache = createTextCache<string>(100, (_key, text) => text);
  for (let index = 0; index < 11; index++) cache.set(`a key of any length ${index}`, source('text'));
  expect(cache.get('a key of any length 0')).toBeUndefined();
  expect(cache.get('a key of any length 10')).toBe(source('text'));
});
