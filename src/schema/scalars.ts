import { GraphQLError } from 'graphql';
import { builder } from './builder.ts';

builder.scalarType('DateTime', {
  description: 'A date and time in ISO 8601, in UTC with milliseconds, for example `2026-01-31T08:00:00.000Z`.',
  specifiedByURL: 'https://scalars.graphql.org/andimarek/date-time.html',
  serialize: (milliseconds) => new Date(milliseconds).toISOString(),
  parseValue: (value) => {
    const milliseconds = typeof value === 'string' ? Date.parse(value) : Number.NaN;
    if (Number.isNaN(milliseconds)) {
      throw new GraphQLError('A DateTime must be text in ISO 8601, for example "2026-01-31T08:00:00.000Z".');
    }
    return milliseconds;
  },
});

builder.scalarType('SafeInt', {
  description:
    'An integer from -(2^53 - 1) to 2^53 - 1, written as a JSON number: the range that a double represents exactly. `Int` ends at 2^31 - 1, which a count of tokens or bytes can exceed.',
  specifiedByURL: 'https://tc39.es/ecma262/#sec-number.issafeinteger',
  serialize: safeInteger,
  parseValue: safeInteger,
});

builder.scalarType('JSON', {
  description: 'Any JSON value: an object, list, string, number, boolean or null.',
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc8259',
  serialize: (value) => value,
});

/** @throws GraphQLError unless the value is a safe integer */
function safeInteger(value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  const found = typeof value === 'number' ? String(value) : `a ${typeof value}`;
  throw new GraphQLError(`A SafeInt must be a whole number from -(2^53 - 1) to 2^53 - 1, not ${found}.`);
}
