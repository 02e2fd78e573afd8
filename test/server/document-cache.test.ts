import { parse } from 'graphql';
import { expect, test } from 'vitest';
import { createDocumentCache } from '../../src/server/document-cache.ts';

const DOCUMENT = parse('{ a }');
const source = (name: string, length = 10) => name.padEnd(length);

test('documents are remembered up to so many characters, and the one that was not used for longest goes first', () => {
  const cache = createDocumentCache(100);
  for (let index = 0; index < 10; index++) cache.set(source(`document${index}`), DOCUMENT);
  expect(cache.get(source('document0'))).toBe(DOCUMENT);
  cache.set(source('another'), DOCUMENT);
  expect(cache.get(source('document1'))).toBeUndefined();
  for (const name of ['document0', 'document2', 'another']) expect(cache.get(source(name))).toBe(DOCUMENT);
});

test('a document that would take up much of it is not remembered, and makes no other go', () => {
  const cache = createDocumentCache(100);
  cache.set(source('small'), DOCUMENT);
  cache.set(source('large', 11), DOCUMENT);
  expect(cache.get(source('large', 11))).toBeUndefined();
  expect(cache.get(source('small'))).toBe(DOCUMENT);
});

test('the same document again takes up no more', () => {
  const cache = createDocumentCache(100);
  cache.set(source('first'), DOCUMENT);
  for (let turn = 0; turn < 50; turn++) cache.set(source('second'), DOCUMENT);
  expect(cache.get(source('first'))).toBe(DOCUMENT);
});
