import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { InvalidInputError, shorten } from '../../src/runner/index.ts';
import { ask, codesOf, openSocket, queueJob, serve } from '../server/support.ts';
import { LONGEST_REFUSAL, times, WAYS } from './attack.ts';
import type { Operation } from './operations.ts';

const LONG = 'x'.repeat(90_000);
const ERROR = '... on Error { __typename message }';

/** Each makes the server quote a text of 90,000 characters. The answers contain only a part of it. */
const QUOTED: readonly (readonly [string, string, Operation])[] = [
  [
    'TEXT-01',
    'an id of no job, under 40 aliases',
    {
      query: `mutation ($id: ID!) { ${times(40, (n) => `a${n}: stopTraining(input: { id: $id }) { ${ERROR} ... on JobNotFoundError { jobId } }`)} }`,
      variables: { id: LONG },
    },
  ],
  [
    'TEXT-02',
    'a dataset that does not exist',
    {
      query: `mutation ($dataset: String) { startTraining(input: { dataset: $dataset }) { ${ERROR} ... on DatasetNotFoundError { dataset } } }`,
      variables: { dataset: LONG },
    },
  ],
  [
    'TEXT-03',
    'a trainer that does not exist',
    {
      query: `mutation ($trainer: String) { startTraining(input: { trainer: $trainer }) { ${ERROR} } }`,
      variables: { trainer: LONG },
    },
  ],
  [
    'TEXT-04',
    'a wrong option of the maximum length',
    {
      query: `mutation ($options: JSON) { startTraining(input: { options: $options }) { ${ERROR} ... on InvalidInputError { path } } }`,
      variables: { options: { ['x'.repeat(128)]: 'x'.repeat(60_000) } },
    },
  ],
  [
    'TEXT-05',
    'a delivery that does not exist',
    {
      query: `mutation ($id: ID!) { redeliverWebhook(input: { id: $id }) { ${ERROR} ... on WebhookDeliveryNotFoundError { deliveryId } } }`,
      variables: { id: LONG },
    },
  ],
  [
    'TEXT-06',
    'a feed of no job',
    { query: 'subscription ($id: ID!) { jobProgress(id: $id) { status } }', variables: { id: LONG } },
  ],
  [
    'TEXT-07',
    'a cursor',
    { query: 'query ($after: String) { jobs(after: $after) { totalCount } }', variables: { after: LONG } },
  ],
];

test.each(QUOTED)('%s: %s is quoted in part, on every path', async (_id, _what, operation) => {
  const server = await serve();
  for (const [way, send] of WAYS) {
    const { answer, length } = await send(server, operation);
    expect(JSON.stringify(answer)).toMatch(/"message":"/);
    expect(codesOf(answer)).not.toContain('GRAPHQL_VALIDATION_FAILED');
    expect({ way, isShort: length < 40_000 }).toEqual({ way, isShort: true });
  }
});

describe.each(WAYS)('over %s', (_way, send) => {
  test('an answer with many errors has the first ones, and the number of the others', async () => {
    const server = await serve();
    const { id } = await queueJob(server.runner);
    const wrong = times(50, (n) => `a${n}: job(id: "${id}") { metrics(maxPoints: 0) { name } }`);
    const { answer } = await send(server, { query: `{ ${wrong} __typename }` });
    expect(answer.data).toMatchObject({ a49: null, __typename: 'Query' });
    expect(answer.errors).toHaveLength(21);
    expect(new Set(codesOf(answer).slice(0, 20))).toEqual(new Set(['INVALID_INPUT']));
    expect(codesOf(answer).at(-1)).toBe('TOO_MANY_ERRORS');
    expect(answer.errors?.at(-1)?.message).toBe('30 more errors were omitted. Send smaller operations to see them.');
  });
});

test.each([
  ['a parameter that GraphQL does not know', { query: '{ __typename }', ['x'.repeat(900_000)]: 1 }, 'BAD_REQUEST'],
  [
    'the name of no operation',
    { query: 'query A { __typename } query B { __typename }', operationName: 'x'.repeat(900_000) },
    'OPERATION_RESOLUTION_FAILURE',
  ],
])('%s is refused with a short answer', async (_what, body, code) => {
  const { text, status, json } = await ask(await serve(), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect({ status, code: codesOf(json())[0], isShort: text.length < LONGEST_REFUSAL }).toEqual({
    status: 400,
    code,
    isShort: true,
  });
});

test('too large variables are a 400 for clients that ask for the media type of GraphQL', async () => {
  const { status, headers } = await ask(await serve(), {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json' },
    body: JSON.stringify({ query: '{ __typename }', variables: { text: 'x'.repeat(200_000) } }),
  });
  expect(status).toBe(400);
  expect(headers['content-type']).toMatch('application/graphql-response+json');
});

test('an operation on a WebSocket with a long id, which every message would repeat, is refused', async () => {
  const socket = await openSocket(await serve());
  if (typeof socket === 'number') throw new Error(`refused with ${socket}`);
  socket.send(JSON.stringify({ type: 'connection_init' }));
  await once(socket, 'message');
  const id = 'x'.repeat(129);
  socket.send(JSON.stringify({ id, type: 'subscribe', payload: { query: '{ __typename }' } }));
  const [data] = (await once(socket, 'message')) as [Buffer];
  expect(JSON.parse(data.toString())).toMatchObject({
    type: 'error',
    id,
    payload: [{ extensions: { code: 'BAD_REQUEST' } }],
  });
  expect(socket.readyState).toBe(socket.OPEN);
});

test('text that is cut never ends in half a character', () => {
  expect(shorten('abc', 3)).toBe('abc');
  expect(shorten('abcd', 3)).toBe('ab…');
  expect(shorten('ab😀cd', 4)).toBe('ab…');
});

test('an expected error is short for any input', () => {
  const { message, inputPath } = new InvalidInputError(LONG, ['input', LONG]);
  expect([message.length, ...inputPath.map((key) => key.length)]).toEqual([2000, 5, 256]);
});
