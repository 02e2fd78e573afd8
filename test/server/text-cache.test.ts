import { expect, test } from 'vitest';
import { createTextCache } from '../../src/server/text-cache.ts';

const DOCUMENT = {};
const source = (name: string, length = 10) => name.padEnd(length);

test('documents are remembered up to so many characters, and the one that was not used for longest goes first', () => {
  const cache = createTextCache<object>(100, (text) => text);
  for (let index = 0; index < 10; index++) cache.set(source(`document${index}`), DOCUMENT);
  expect(cache.get(source('document0'))).toBe(DOCUMENT);
  cache.set(source('another'), DOCUMENT);
  expect(cache.get(source('document1'))).toBeUndefined();
  for (const name of ['document0', 'document2', 'another']) expect(cache.get(source(name))).toBe(DOCUMENT);
});

test('a document that would take up much of it is not remembered, and makes no other go', () => {
  const cache = createTextCache<object>(100, (text) => text);
  cache.set(source('small'), DOCUMENT);
  cache.set(source('large', 11), DOCUMENT);
  expect(cache.get(source('large', 11))).toBeUndefined();
  expect(cache.get(source('small'))).toBe(DOCUMENT);
});

test('the same document again takes up no more', () => {
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
