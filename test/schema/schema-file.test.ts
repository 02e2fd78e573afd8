import { readFileSync } from 'node:fs';
import {
  type GraphQLNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isSpecifiedScalarType,
  parse,
  validate,
} from 'graphql';
import { expect, test } from 'vitest';
import * as errors from '../../src/runner/index.ts';
import { schema } from '../../src/schema/index.ts';
import { schemaText } from '../../src/schema/print.ts';
import { EXAMPLES } from '../../src/server/graphiql/examples.ts';

test('schema.graphql matches the code (if not, run npm run schema)', () => {
  expect(readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8')).toBe(schemaText);
});

test('every type, field, argument and enum value has a description', () => {
  expect(partsWhere(([, description]) => !description?.trim())).toEqual([]);
});

test('every description starts with a noun or a verb', () => {
  const START = /^(What|It|Its|That|This|There|Who|When|Where|Which|How|Why|Whether|Somebody)\b/;
  expect(partsWhere(([, description]) => START.test(description ?? ''))).toEqual([]);
});

/** The coordinates of the schema's own parts that meet a condition. */
function partsWhere(condition: (part: Part) => boolean): string[] {
  return Object.values(schema.getTypeMap())
    .filter((type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type))
    .flatMap((type) => [...partsOf(type)])
    .filter(condition)
    .map(([coordinate]) => coordinate);
}

type Part = readonly [coordinate: string, description: string | null | undefined];

function* partsOf(type: GraphQLNamedType): Generator<Part> {
  yield [type.name, type.description];
  if (isEnumType(type)) {
    for (const value of type.getValues()) yield [`${type.name}.${value.name}`, value.description];
  }
  if (isInputObjectType(type)) {
    for (const field of Object.values(type.getFields())) yield [`${type.name}.${field.name}`, field.description];
  }
  if (isObjectType(type) || isInterfaceType(type)) {
    for (const field of Object.values(type.getFields())) {
      yield [`${type.name}.${field.name}`, field.description];
      for (const argument of field.args) {
        yield [`${type.name}.${field.name}(${argument.name}:)`, argument.description];
      }
    }
  }
}

test('only expected failures of the runner implement Error', () => {
  const expected = Object.entries(errors)
    .filter(([, value]) => Object.getPrototypeOf(value) === errors.ExpectedError)
    .map(([name]) => name);
  const error = schema.getType('Error');
  const implementations = isInterfaceType(error) ? schema.getPossibleTypes(error).map(({ name }) => name) : [];
  expect(implementations).toContain('InvalidInputError');
  expect(implementations.filter((name) => !expected.includes(name))).toEqual([]);
});

test.each(EXAMPLES.map((query) => [query.split('\n', 1)[0], query]))('the example "%s" is valid', (_title, query) => {
  expect(validate(schema, parse(query))).toEqual([]);
});
