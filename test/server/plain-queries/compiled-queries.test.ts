import { parse } from 'graphql';
import { expect, test } from 'vitest';
import { schema } from '../../../src/schema/index.ts';
import { createCompiledQueries } from '../../../src/server/plain-queries/compiled-queries.ts';

test('a query that was given up is not compiled again, and other operations of its document are', () => {
  const queries = createCompiledQueries(schema);
  const document = parse('query A { __typename } query B { __typename }');
  expect(queries.get(document, 'A')).toBeUndefined();
  queries.add(document, 'A');
  queries.add(document, 'B');
  expect(queries.get(document, 'A')).toBeDefined();
  queries.giveUp(document, 'A');
  queries.add(document, 'A');
  expect(queries.get(document, 'A')).toBeUndefined();
  expect(queries.get(document, 'B')).toBeDefined();
});
