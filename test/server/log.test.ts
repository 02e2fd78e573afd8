import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { until } from '../support/until.ts';
import { ask, connect, type GraphQLAnswer, overSse, overWebSocket, post, queueJob, serve } from './support.ts';

test('each request is one log line with the id of its response, and without the content', async () => {
  const server = await serve();
  const first = await post(server, 'query ($id: ID!) { job(id: $id) { id } }', { variables: { id: 'my-secret' } });
  await ask(server, { path: '/graphql?query=my-secret' });
  const requests = () => server.log.filter(({ msg }) => msg === 'request') as unknown as Record<string, unknown>[];
  await until('both are logged', () => requests().length === 2);
  expect(requests()[0]).toMatchObject({
    level: 20,
    requestId: first.headers['x-request-id'],
    method: 'POST',
    path: '/graphql',
    status: 200,
  });
  expect(JSON.stringify(server.log)).not.toContain('my-secret');
});

test('a request keeps its X-Request-Id if the id is valid', async () => {
  const server = await serve();
  const idOf = async (given: string) =>
    (await ask(server, { path: '/health', headers: { 'x-request-id': given } })).headers['x-request-id'];
  expect(await idOf('Root=1-67891233:ab/c.d+e')).toBe('Root=1-67891233:ab/c.d+e');
  for (const bad of ['', 'two words', '"quoted"', '<b>', 'x'.repeat(129), '\u00e9']) {
    expect(await idOf(bad)).toMatch(/^[0-9a-f-]{36}$/);
  }
});

test('an unexpected error contains the request id, in the log and in the answer', async () => {
  const server = await serve();
  const { id } = await queueJob(server.runner);
  // A folder in place of the metrics file causes an unexpected error.
  mkdirSync(join(server.home, 'artifacts', 'metrics', `${id}.jsonl`));
  const query = `{ job(id: "${id}") { metrics { name } } }`;
  const watch = `subscription { jobProgress(id: "${id}") { job { metrics { name } } } }`;

  const overHttp = await post(server, query, { headers: { 'x-request-id': 'from-the-proxy' } });
  expect(overHttp.json().errors?.[0]?.extensions).toEqual({
    code: 'INTERNAL_SERVER_ERROR',
    requestId: 'from-the-proxy',
  });
  expect(server.log.filter(({ msg }) => msg === 'unexpected error')).toMatchObject([{ requestId: 'from-the-proxy' }]);

  const client = connect(server);
  // It holds the socket open for the others.
  const socketFeed = client.iterate({ query: watch });
  const results = [(await socketFeed.next()).value as GraphQLAnswer];
  results.push(...(await overWebSocket(client, query)), ...(await overWebSocket(client, query)));
  // An event long after the beginning of its feed belongs to the same operation.
  const later = socketFeed.next();
  await server.runner.stop(id);
  results.push((await later).value as GraphQLAnswer);
  const errorExtensions = results.map(({ errors }) => errors?.[0]?.extensions);
  const logged = server.log.filter(({ msg }) => msg === 'unexpected error').slice(1);
  expect(logged.map(({ requestId, operationId }) => ({ requestId, operationId }))).toEqual(
    errorExtensions.map((extensions) => ({ requestId: extensions?.requestId, operationId: extensions?.operationId })),
  );
  expect(new Set(errorExtensions.map((extensions) => extensions?.requestId)).size).toBe(1);
  expect(new Set(errorExtensions.map((extensions) => extensions?.operationId)).size).toBe(3);
  expect(errorExtensions[3]).toEqual(errorExtensions[0]);
  expect(errorExtensions[0]?.requestId).toMatch(/^[0-9a-f-]{36}$/);

  const next = await queueJob(server.runner);
  mkdirSync(join(server.home, 'artifacts', 'metrics', `${next.id}.jsonl`));
  const streamed = overSse(server, watch.replace(id, next.id), { 'x-request-id': 'a-stream' });
  await until('it is watched', () => server.runner.watching === 1);
  await server.runner.stop(next.id);
  const events = await streamed;
  expect(events).toHaveLength(2);
  for (const { errors } of events) expect(errors?.[0]?.extensions).toMatchObject({ requestId: 'a-stream' });
});
