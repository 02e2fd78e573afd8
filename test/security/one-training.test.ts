import { describe, expect, test } from 'vitest';
import { codesOf, serve } from '../server/support.ts';
import { type Operation, WAYS } from './operations.ts';

const input = '{ backend: SIMULATION }';
const start = `startTraining(input: ${input}) { __typename }`;
const aliased = (count: number, field: string) =>
  Array.from({ length: count }, (_, index) => `a${index}: ${field}`).join(' ');

/** Each starts or deletes more than once in one operation. */
const ATTACKS: readonly (readonly [id: string, operation: Operation])[] = [
  ['start-30-aliases', { query: `mutation { ${aliased(30, start)} }` }],
  [
    'start-2-fragments',
    { query: `mutation { a: ${start} ...B } fragment B on Mutation { ...C } fragment C on Mutation { b: ${start} }` },
  ],
  ['start-inline-fragment', { query: `mutation { ... { a: ${start} } ... on Mutation { b: ${start} } }` }],
  [
    'start-include-variable',
    {
      query: `mutation ($yes: Boolean!) { a: ${start} ... @include(if: $yes) { b: ${start} } }`,
      variables: { yes: true },
    },
  ],
  [
    'start-skip-default',
    { query: `mutation ($no: Boolean = false) { a: ${start} b: ${start.replace('{ __', '@skip(if: $no) { __')} }` },
  ],
  ['start-skip-literal', { query: `mutation { a: ${start} b: ${start.replace('{ __', '@skip(if: false) { __')} }` }],
  [
    'start-resume-delete',
    {
      query: `mutation { ${start} resumeTraining(input: { id: "x" }) { __typename } deleteJobs(input: { filter: { name: "x" } }) { __typename } }`,
    },
  ],
  ['start-many-2', { query: `mutation { ${aliased(2, `startTrainings(inputs: [${input}]) { __typename }`)} }` }],
  ['start-many-and-one', { query: `mutation { ${start} startTrainings(inputs: [${input}]) { __typename } }` }],
  ['resume-2', { query: `mutation { ${aliased(2, 'resumeTraining(input: { id: "x" }) { __typename }')} }` }],
  ['delete-2', { query: `mutation { ${aliased(2, 'deleteJobs(input: { filter: { name: "x" } }) { __typename }')} }` }],
];

/** Each starts once, however it is written. */
const ALLOWED: readonly (readonly [id: string, operation: Operation])[] = [
  ['one', { query: `mutation { ${start} }` }],
  ['the-same-twice', { query: `mutation { ${start} ...A } fragment A on Mutation { ${start} }` }],
  [
    'one-of-two',
    {
      query: `mutation ($again: Boolean!) { a: ${start.replace('{ __', '@skip(if: $again) { __')} b: ${start.replace('{ __', '@include(if: $again) { __')} }`,
      variables: { again: true },
    },
  ],
];

describe.each(WAYS)('over %s', (_way, send) => {
  test.each(ATTACKS)('%s is refused before anything runs', async (_id, operation) => {
    const server = await serve();
    const [answer] = await send(server, operation);
    expect(answer?.data ?? null).toBeNull();
    expect(codesOf(answer ?? {})).toEqual(['TOO_MANY_MUTATIONS']);
    expect(answer?.errors?.[0]?.message).toContain('Send each field in a separate operation.');
    expect(server.runner.count()).toBe(0);
  });

  test.each(ALLOWED)('%s runs once', async (_id, operation) => {
    const server = await serve();
    const [answer] = await send(server, operation);
    expect(answer?.errors).toBeUndefined();
    expect(server.runner.count()).toBe(1);
  });
});
