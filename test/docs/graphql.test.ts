import { parse, validate } from 'graphql';
import { expect, test } from 'vitest';
import { schema } from '../../src/schema/index.ts';
import { docBlocks, documentPages } from '../support/doc-blocks.ts';

const OPERATIONS = documentPages().flatMap((page) =>
  docBlocks(page)
    .filter(({ language }) => language === 'graphql')
    .map(({ heading, code }) => ({ page, heading, code })),
);

test('the documents contain GraphQL operations', () => {
  expect(OPERATIONS.length).toBeGreaterThan(5);
});

test.for(OPERATIONS)('the operation in $page under "$heading" is valid', ({ code }) => {
  expect(validate(schema, parse(code))).toEqual([]);
});
