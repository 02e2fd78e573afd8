import { createHash } from 'node:crypto';
import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { expect, onTestFinished, test } from 'vitest';
import { bearer, tokenOf } from '../support/tokens.ts';
import { ask, codesOf, serve, type TestServer } from './support.ts';

const QUERY = '{ jobCounts { total } }';
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** A request for a persisted query, with the document or without. */
const body = (hash: string, query?: string) =>
  JSON.stringify({ query, extensions: { persistedQuery: { version: 1, sha256Hash: hash } } });

function send(server: TestServer, hash: string, query?: string, headers: Record<string, string> = {}) {
  const json = { 'content-type': 'application/json', ...headers };
  return ask(server, { method: 'POST', headers: json, body: body(hash, query) });
}

function get(server: TestServer, query: string, withDocument: boolean) {
  const parameters = new URLSearchParams({
    extensions: JSON.stringify({ persistedQuery: { version: 1, sha256Hash: sha256(query) } }),
    ...(withDocument && { query }),
  });
  return ask(server, { path: `/graphql?${parameters}`, headers: { accept: 'application/json' } });
}

/** Apollo Client with persisted queries, and the size of each body that it sent. */
function apollo({ url }: TestServer, useGETForHashedQueries = false) {
  const sent: (string | undefined)[] = [];
  const link = ApolloLink.from([
    new PersistedQueryLink({ sha256, useGETForHashedQueries }),
    new HttpLink({
      uri: `${url}/graphql`,
      fetch: (input, init) => {
        sent.push(init?.body as string | undefined);
        return fetch(input, init);
      },
    }),
  ]);
  const client = new ApolloClient({
    link,
    cache: new InMemoryCache(),
    defaultOptions: { query: { fetchPolicy: 'network-only' } },
  });
  onTestFinished(() => client.stop());
  return { client, sent };
}

test("Apollo's PersistedQueryLink sends a document once, and its hash from then on", async () => {
  const server = await serve();
  const first = apollo(server);
  const query = gql(QUERY);
  const total = { jobCounts: { total: 0 } };
  expect((await first.client.query({ query })).data).toMatchObject(total);
  expect((await first.client.query({ query })).data).toMatchObject(total);
  expect(first.sent.map((text) => text?.includes('jobCounts'))).toEqual([false, true, false]);

  const second = apollo(server);
  expect((await second.client.query({ query })).data).toMatchObject(total);
  expect(second.sent.map((text) => text?.includes('jobCounts'))).toEqual([false]);
});

test('Apollo may ask for persisted queries by GET', async () => {
  const server = await serve();
  const { client, sent } = apollo(server, true);
  const query = gql(QUERY);
  for (let turn = 0; turn < 2; turn++)
    expect((await client.query({ query })).data).toMatchObject({ jobCounts: { total: 0 } });
  expect(sent.map((text) => text !== undefined)).toEqual([false, true, false]);
});

test('a hash that the server does not know is answered so that clients send the document', async () => {
  const server = await serve();
  const answer = await send(server, sha256(QUERY));
  expect(answer.status).toBe(200);
  expect(answer.json().errors?.[0]?.message).toBe('PersistedQueryNotFound');
  expect(codesOf(answer.json())).toEqual(['PERSISTED_QUERY_NOT_FOUND']);
});

test('a document cannot be stored under the hash of another', async () => {
  const server = await serve();
  const wrong = await send(server, sha256(QUERY), '{ trainers { name } }', {
    accept: 'application/graphql-response+json',
  });
  expect(wrong.status).toBe(400);
  expect(codesOf(wrong.json())).toEqual(['PERSISTED_QUERY_HASH_MISMATCH']);
  expect(codesOf((await send(server, sha256(QUERY))).json())).toEqual(['PERSISTED_QUERY_NOT_FOUND']);
});

test('a persisted query keeps to the limits of every document', async () => {
  const server = await serve({ limits: { tokens: 20 } });
  const large = `{ ${'jobCounts { total } '.repeat(10)} }`;
  for (const query of [large, undefined])
    expect(codesOf((await send(server, sha256(large), query)).json())).toEqual(['OPERATION_TOO_COMPLEX']);
});

test('a mutation is not run by GET, persisted or not', async () => {
  const server = await serve();
  const mutation = 'mutation { startTraining(input: { backend: SIMULATION }) { __typename } }';
  expect((await get(server, mutation, true)).status).toBe(405);
  // Stored by now: the hash alone must not do it either.
  expect((await get(server, mutation, false)).status).toBe(405);
  expect(server.runner.count(null)).toBe(0);
  expect((await send(server, sha256(mutation))).json().data).toEqual({
    startTraining: { __typename: 'StartTrainingSuccess' },
  });
});

test('a persisted query needs the token like any other', async () => {
  const server = await serve({ settings: { tokens: [tokenOf('user', 'secret')] } });
  expect((await send(server, sha256(QUERY), QUERY, bearer('secret'))).json().errors).toBeUndefined();
  expect((await send(server, sha256(QUERY))).status).toBe(401);
});

test('documents beyond the bound are forgotten, the least recently used first', async () => {
  const server = await serve();
  // Comments make documents of 100,000 characters each, of which the store holds ten.
  const documents = Array.from({ length: 11 }, (_, index) => `${QUERY}#${String(index).padEnd(99_000, '.')}`);
  for (const document of documents)
    expect((await send(server, sha256(document), document)).json().errors).toBeUndefined();
  const knows = async (document: string | undefined = '') =>
    (await send(server, sha256(document))).json().errors === undefined;
  expect(await knows(documents.at(-1))).toBe(true);
  expect(await knows(documents[0])).toBe(false);
});

test.each([
  ['null', null],
  ['a text', 'text'],
  ['another version', { version: 2, sha256Hash: sha256(QUERY) }],
  ['a hash that is not text', { version: 1, sha256Hash: 5 }],
])('%s instead of a persisted query is ignored', async (_name, persistedQuery) => {
  const server = await serve();
  const answer = await ask(server, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: QUERY, extensions: { persistedQuery } }),
  });
  expect(answer.json().data).toEqual({ jobCounts: { total: 0 } });
});
