import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildSchema, parse, validate } from 'graphql';
import { expect, test } from 'vitest';
import { OPERATIONS } from '../../src/cli/demo/api.ts';

const schema = buildSchema(readFileSync(fileURLToPath(new URL('../../schema.graphql', import.meta.url)), 'utf8'));

test.each(Object.entries(OPERATIONS))('the operation %s of the demo fits the schema', (_name, text) => {
  expect(validate(schema, parse(text))).toEqual([]);
});
