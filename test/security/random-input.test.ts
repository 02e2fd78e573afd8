import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { serve } from '../server/support.ts';
import { LONGEST_REFUSAL, WAYS } from './attack.ts';
import type { Operation } from './operations.ts';

const QUERY = `query ($filter: JobFilter, $orderBy: JobOrder, $first: Int, $after: String, $id: ID!) {
  jobs(filter: $filter, orderBy: $orderBy, first: $first, after: $after) { totalCount }
  job(id: $id) { id }
}`;

/** Mostly short, sometimes far above any limit. */
const size = fc.oneof(
  { weight: 8, arbitrary: fc.nat(4) },
  { weight: 1, arbitrary: fc.nat(1200) },
  { weight: 1, arbitrary: fc.nat(20_000) },
);
const text = fc
  .tuple(fc.constantFrom('x', '"', '\n', '😀', '\u0000', 'RUNNING', '\ud800'), size)
  .map(([part, count]) => part.repeat(count));
/** Repeated values are short: the largest requests must be read, not refused for their bytes. */
const small = fc.oneof(fc.integer(), fc.boolean(), fc.constantFrom(null, 'RUNNING', '😀', 'job_1_00000000'));
const leaf = fc.oneof(
  text,
  fc.double(),
  fc.integer(),
  fc.boolean(),
  fc.constantFrom(null, 'RUNNING', 'val_loss', '__proto__'),
);
const key = fc.oneof(
  fc.constantFrom('status', 'ids', 'text', 'metrics', 'createdAfter', 'name', 'of', 'field', 'toJSON', '__proto__'),
  text,
);
/** Objects and lists of other values, some of them repeated until they are large. */
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, depthSize: 'small' },
    leaf,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(key, tie('value'), { maxKeys: 6 }),
    fc.tuple(small, size).map(([one, count]) => Array.from({ length: count }, () => one)),
    fc
      .tuple(small, size)
      .map(([one, count]) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`key${index}`, one]))),
  ),
}));
const variables = fc.record({ filter: value, orderBy: value, first: value, after: value, id: value });

/** Documents of words and signs in random order, many of them almost valid. */
const word = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('{', '}', '(', ')', '[', ']', ':', '...', '@', '$', '!', '=', '&') },
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      ...[
        'query',
        'mutation',
        'subscription',
        'fragment',
        'on',
        'Query',
        'Job',
        'jobs',
        'job',
        'edges',
        'node',
        'id',
        'name',
      ],
      ...[
        'first',
        'filter',
        'status',
        'RUNNING',
        'skip',
        'if',
        'true',
        'null',
        '__typename',
        'jobCounts',
        'total',
        '"x"',
        '1',
      ],
    ),
  },
  { weight: 1, arbitrary: text.map((long) => JSON.stringify(long)) },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constantFrom('a', 'é', '#', '"""'), size).map(([part, count]) => part.repeat(count)),
  },
);
const soup = fc.array(word, { maxLength: 60 }).map((words) => words.join(' '));
const document = fc.oneof(
  soup,
  soup.map((inner) => `{ ${inner} }`),
  fc.tuple(soup, size).map(([inner, count]) => `{ ${`${inner} `.repeat(Math.min(count, 2000))} }`),
  value.map((filter) => `{ jobCounts(filter: ${literal(filter)}) { total } }`),
);

/** A value as a GraphQL literal. */
function literal(part: unknown): string {
  if (Array.isArray(part)) return `[${part.map(literal).join(' ')}]`;
  if (typeof part !== 'object' || part === null) return JSON.stringify(part);
  const fields = Object.entries(part).map(([name, inner]) => `${name.replace(/\W/g, '_') || '_'}: ${literal(inner)}`);
  return `{ ${fields.join(' ')} }`;
}

test.each([
  ['variables', variables.map((some) => ({ query: QUERY, variables: some }))],
  ['documents', document.map((query) => ({ query }))],
])('for random %s, the answer is short, and every error has a code', async (_what, operations) => {
  // Nothing waits: refusals make up most of the answers here.
  const server = await serve({ limits: { refusalsPerSecond: 1e6 } });
  await fc.assert(
    fc.asyncProperty(operations, fc.constantFrom(...WAYS), async (operation: Operation, [, send]) => {
      // Larger requests are refused before they are read.
      fc.pre(Buffer.byteLength(JSON.stringify(operation)) < 900_000);
      const { answer, length } = await send(server, operation);
      expect(length).toBeLessThanOrEqual(LONGEST_REFUSAL);
      for (const { message, extensions } of answer.errors ?? []) {
        expect(message.length).toBeLessThanOrEqual(1000);
        expect(extensions.code).toMatch(/^[A-Z_]+$/);
        expect(extensions.code).not.toBe('INTERNAL_SERVER_ERROR');
      }
    }),
    // Fewer on a busy machine.
    { numRuns: 300, interruptAfterTimeLimit: 60_000 },
  );
  expect(server.log.filter(({ level }) => level >= 50)).toEqual([]);
});
