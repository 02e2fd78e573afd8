import { expect, test } from 'vitest';
import { createLiveClient } from '../../src/client/index.ts';
import { expectGoingOn, type FeedMessage, startTraining, statusesOf } from '../support/api-client.ts';
import { startCuttingProxy } from '../support/cutting-proxy.ts';
import { startTestServer } from '../support/server-process.ts';

const WATCH = `subscription ($id: ID!, $after: String) {
  jobProgress(id: $id, after: $after) { cursor status percent step loss } }`;

test('a subscription resumes at its last cursor after broken connections and a restart of the server', async () => {
  await using first = await startTestServer();
  await using proxy = await startCuttingProxy(first.port);
  const client = createLiveClient({ url: `${proxy.url.replace('http', 'ws')}/graphql` });
  const { id, cursor } = await startTraining(first.url, { backend: 'SIMULATION', epochs: 400, batchSize: 10 });

  const messages: FeedMessage[] = [];
  let restarted: Awaited<ReturnType<typeof startTestServer>> | undefined;
  for await (const { data } of client.iterate<{ jobProgress: FeedMessage }>({
    query: WATCH,
    variables: { id, after: cursor },
  })) {
    if (data) messages.push(data.jobProgress);
    if (messages.length === 4 || messages.length === 12) proxy.cut();
    if (messages.length === 8) {
      await first.end('SIGKILL');
      restarted = await startTestServer({ home: first.home, port: first.port });
    }
  }
  await client.dispose();
  await restarted?.[Symbol.asyncDispose]();

  expect(restarted).toBeDefined();
  expect(['QUEUED', ...statusesOf(messages)]).toEqual(['QUEUED', 'STARTING', 'LOADING', 'RUNNING', 'COMPLETED']);
  expectGoingOn(messages);
});

test('leaving the loop unsubscribes, and queries and mutations work as with graphql-ws', async () => {
  await using server = await startTestServer();
  const client = createLiveClient({ url: `${server.url.replace('http', 'ws')}/graphql` });
  const { id } = await startTraining(server.url, { backend: 'SIMULATION', epochs: 2000, batchSize: 10 });
  for await (const { data } of client.iterate<{ jobProgress: FeedMessage }>({ query: WATCH, variables: { id } })) {
    if (data?.jobProgress.status === 'RUNNING') break;
  }
  for await (const { data } of client.iterate({
    query: 'mutation ($id: ID!) { stopTraining(input: { id: $id }) { __typename } }',
    variables: { id },
  })) {
    expect(data).toEqual({ stopTraining: { __typename: 'StopTrainingSuccess' } });
  }
  await expect(client.iterate({ query: '{ nothing }' }).next()).rejects.toMatchObject([
    { extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } },
  ]);
  await client.dispose();
});
