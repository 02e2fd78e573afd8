import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { DEFAULT_LIMITS } from '../../../src/server/limits/limits.ts';
import {
  codesOf,
  connect,
  type GraphQLAnswer,
  openSocket,
  overSse,
  overWebSocket,
  post,
  queueJob,
  serve,
  type TestServer,
} from '../support.ts';

type Way = (server: TestServer, query: string) => Promise<GraphQLAnswer | undefined>;

const WAYS: readonly (readonly [string, Way])[] = [
  ['HTTP', async (server, query) => (await post(server, query)).json()],
  ['server-sent events', async (server, query) => (await overSse(server, query))[0]],
  ['WebSocket', async (server, query) => (await overWebSocket(connect(server), query))[0]],
];

const nested = (levels: number) => `${'progress { job { '.repeat(levels)}id${' } }'.repeat(levels)}`;
const times = (count: number, text: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => text(index)).join(' ');

/** Each asks for too much in its own way. */
const TOO_MUCH: readonly (readonly [string, string, RegExp])[] = [
  ['levels', `{ job(id: "x") { ${nested(8)} } }`, /levels of fields/],
  [
    'levels by fragments',
    `{ job(id: "x") { ...A } } fragment A on Job { ${nested(4).replace('id', '...B')} } fragment B on Job { ${nested(4)} }`,
    /levels of fields/,
  ],
  ['levels in a subscription', `subscription { jobProgress(id: "x") { job { ${nested(8)} } } }`, /levels of fields/],
  [
    'work',
    '{ jobs(first: 200) { edges { node { metrics { points { step value at } } log { lines { text } } } } } }',
    /units of work/,
  ],
  ['aliases', `{ ${times(51, (n) => `a${n}: __typename`)} }`, /more than 50 aliases/],
  ['tokens', `{ ${times(2001, () => '__typename')} }`, /more than 2000 tokens/],
  ['fields', `{ ${times(401, () => 'job(id: "x") { id }')} }`, /more than 2000 tokens|fields/],
  [
    'introspection',
    `{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }`,
    /introspection depth/i,
  ],
];

describe.each(WAYS)('over %s', (_name, send) => {
  test.each(TOO_MUCH)('an operation with too much of %s is refused before it runs', async (_what, query, says) => {
    const answer = await send(await serve(), query);
    expect(answer?.data ?? null).toBeNull();
    expect(answer?.errors?.[0]?.message).toMatch(says);
    expect(codesOf(answer ?? {})[0]).toMatch(/^(OPERATION_TOO_COMPLEX|GRAPHQL_VALIDATION_FAILED)$/);
  });

  test('the cost counts variables, so that it cannot be hidden in one', async () => {
    const server = await serve({ limits: { complexity: 100 } });
    const query = (first: number) => `query ($first: Int = ${first}) { jobs(first: $first) { edges { node { id } } } }`;
    expect((await send(server, query(10)))?.errors).toBeUndefined();
    expect(codesOf((await send(server, query(100))) ?? {})).toEqual(['OPERATION_TOO_COMPLEX']);
  });
});

test('the operation that is chosen counts, not the first of its document', async () => {
  const server = await serve({ limits: { complexity: 100 } });
  const { status, text } = await (async () => {
    const response = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        query: 'query Cheap { __typename } query Dear { jobs(first: 200) { edges { node { id } } } }',
        operationName: 'Dear',
      }),
    });
    return { status: response.status, text: await response.text() };
  })();
  expect(text).toContain('OPERATION_TOO_COMPLEX');
  expect(status).toBe(200);
});

test('batched operations are rejected', async () => {
  const { url } = await serve();
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify([{ query: '{ __typename }' }, { query: '{ __typename }' }]),
  });
  expect(response.status).toBe(400);
  await response.body?.cancel();
});

test('a body over the limit is refused with a 413, a message over it closes the WebSocket with 1009', async () => {
  const server = await serve({ limits: { bytes: 10_000 } });
  const long = `{ __typename } # ${'x'.repeat(10_000)}`;
  const answer = await post(server, long);
  expect(answer.status).toBe(413);
  expect(codesOf(answer.json())).toEqual(['REQUEST_ENTITY_TOO_LARGE']);

  const chunked = await post(server, long, { headers: { 'transfer-encoding': 'chunked' } });
  expect(chunked.status).toBe(413);

  const socket = await openSocket(server);
  if (typeof socket === 'number') throw new Error(`refused with ${socket}`);
  socket.send(long);
  const [code] = (await once(socket, 'close')) as [number];
  expect(code).toBe(1009);
});

test('a WebSocket may have a limited number of active operations; one more fails alone', async () => {
  const server = await serve({ limits: { operationsPerSocket: 2 } });
  const { id } = await queueJob(server.runner);
  const client = connect(server);
  const watch = () =>
    client.iterate({ query: 'subscription ($id: ID!) { jobProgress(id: $id) { status } }', variables: { id } });
  const [first, second] = [watch(), watch()];
  await Promise.all([first.next(), second.next()]);
  await expect(watch().next()).rejects.toMatchObject([{ extensions: { code: 'TOO_MANY_OPERATIONS' } }]);

  await server.runner.stop(id);
  expect((await first.next()).value).toMatchObject({ data: { jobProgress: { status: 'STOPPED' } } });
});

test('one WebSocket above the limit is asked to try again later', async () => {
  const server = await serve({ limits: { sockets: 1 } });
  const kept = await openSocket(server);
  const surplus = await openSocket(server);
  if (typeof surplus === 'number' || typeof kept === 'number') throw new Error('refused');
  const [code] = (await once(surplus, 'close')) as [number];
  expect(code).toBe(1013);
  expect(kept.readyState).toBe(kept.OPEN);
});

test('the introspection of GraphiQL and a full page of jobs are within the limits', async () => {
  const server = await serve();
  const { getIntrospectionQuery } = await import('graphql');
  const introspection = getIntrospectionQuery({
    inputValueDeprecation: true,
    specifiedByUrl: true,
    schemaDescription: true,
    directiveIsRepeatable: true,
  });
  expect((await post(server, introspection)).json().errors).toBeUndefined();
  const page =
    '{ jobs(first: 200) { totalCount edges { node { id name status createdAt progress { percent loss metrics } checkpoint { path } failure { message } } } } }';
  expect((await post(server, page)).json().errors).toBeUndefined();
  expect(DEFAULT_LIMITS.depth).toBeGreaterThan(8);
});
