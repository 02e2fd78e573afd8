import { once } from 'node:events';
import { expect, test } from 'vitest';
import { until } from '../../support/until.ts';
import { codesOf, connect, openSocket, overWebSocket, queueJob, serve } from '../support.ts';

const WATCH = 'subscription ($id: ID!) { jobProgress(id: $id) { status } }';

test.each([
  ['a syntax error', '{ jobs {', 'GRAPHQL_PARSE_FAILED'],
  ['an unknown field', '{ nothing }', 'GRAPHQL_VALIDATION_FAILED'],
  ['a missing variable', 'query ($id: ID!) { job(id: $id) { id } }', 'BAD_USER_INPUT'],
  ['no clear operation', 'query A { __typename } query B { __typename }', 'OPERATION_RESOLUTION_FAILURE'],
  ['an unknown job', 'subscription { jobProgress(id: "job_1_00000000") { status } }', 'JOB_NOT_FOUND'],
])('%s fails alone: other operations on the same WebSocket continue', async (_what, query, code) => {
  const server = await serve();
  const { id } = await queueJob(server.runner);
  let closed = false;
  const client = connect(server);
  client.on('closed', () => (closed = true));
  const sibling = client.iterate({ query: WATCH, variables: { id } });
  expect((await sibling.next()).value).toEqual({ data: { jobProgress: { status: 'QUEUED' } } });

  const [answer, ...others] = await overWebSocket(client, query);
  expect(codesOf(answer ?? {})).toEqual([code]);
  expect(answer?.data ?? null).toBeNull();
  expect(others).toEqual([]);

  expect(closed).toBe(false);
  await server.runner.stop(id);
  expect((await sibling.next()).value).toEqual({ data: { jobProgress: { status: 'STOPPED' } } });
  expect(await sibling.next()).toEqual({ done: true, value: undefined });
});

test('queries and mutations work over WebSocket as over HTTP', async () => {
  const server = await serve();
  const client = connect(server);
  const [started] = await overWebSocket(
    client,
    'mutation { startTraining(input: { backend: SIMULATION }) { ... on StartTrainingSuccess { job { status } } } }',
  );
  expect(started).toEqual({ data: { startTraining: { job: { status: 'QUEUED' } } } });
  expect(await overWebSocket(client, '{ jobs { totalCount } }')).toEqual([{ data: { jobs: { totalCount: 1 } } }]);
});

test('field errors come with partial data and a code', async () => {
  const [answer] = await overWebSocket(connect(await serve()), '{ jobs(first: 0) { totalCount } trainers { name } }');
  expect(codesOf(answer ?? {})).toEqual(['INVALID_INPUT']);
});

test('a socket with another subprotocol is closed, and so is one that sends invalid messages', async () => {
  const server = await serve();
  const socket = await openSocket(server);
  if (typeof socket === 'number') throw new Error(`refused with ${socket}`);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.send('nonsense');
  expect(await closed).toBe(4400);
});

test('a client that is cut off mid-subscription leaves nothing behind', async () => {
  const server = await serve();
  const { id } = await queueJob(server.runner);
  const socket = await openSocket(server);
  if (typeof socket === 'number') throw new Error(`refused with ${socket}`);
  socket.send(JSON.stringify({ type: 'connection_init' }));
  await once(socket, 'message');
  for (let index = 0; index < 10; index++) {
    socket.send(JSON.stringify({ id: String(index), type: 'subscribe', payload: { query: WATCH, variables: { id } } }));
  }
  await until('all ten are watching', () => server.runner.watching === 10);
  socket.terminate();
  await until('all feeds are closed', () => server.runner.watching === 0);
});
