import { createClient } from 'graphql-sse';
import { expect, test } from 'vitest';
import { until } from '../support/until.ts';
import { ask, codesOf, overSse, queueJob, serve } from './support.ts';

const WATCH = 'subscription ($id: ID!) { jobProgress(id: $id) { status } }';

test('the official client gets a feed to its end', async () => {
  const { url, runner } = await serve();
  const { id } = await queueJob(runner);
  const client = createClient({ url: `${url}/graphql`, retryAttempts: 0 });
  const feed = client.iterate({ query: WATCH, variables: { id } });
  expect((await feed.next()).value).toEqual({ data: { jobProgress: { status: 'QUEUED' } } });
  await runner.stop(id);
  expect((await feed.next()).value).toEqual({ data: { jobProgress: { status: 'STOPPED' } } });
  expect(await feed.next()).toMatchObject({ done: true });
  client.dispose();
});

test('a feed works with a plain GET, as EventSource sends', async () => {
  const { runner, ...server } = await serve();
  const { id } = await queueJob(runner);
  await runner.stop(id);
  const query = `subscription { jobProgress(id: "${id}") { status } }`;
  const answer = await ask(server, {
    path: `/graphql?query=${encodeURIComponent(query)}`,
    headers: { accept: 'text/event-stream' },
  });
  expect(answer.headers['content-type']).toBe('text/event-stream');
  expect(answer.text).toContain('data: {"data":{"jobProgress":{"status":"STOPPED"}}}\n\n');
  expect(answer.text).toMatch(/event: complete\n/);
});

test('an unknown job is an error with a code, and ends the stream', async () => {
  const answers = await overSse(await serve(), 'subscription { jobProgress(id: "job_1_00000000") { status } }');
  expect(answers.map(codesOf)).toEqual([['JOB_NOT_FOUND']]);
});

test('a client that disconnects ends its feed immediately, without an event of the job', async () => {
  const { url, runner } = await serve();
  const { id } = await queueJob(runner);
  const leaving = new AbortController();
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
    body: JSON.stringify({ query: WATCH, variables: { id } }),
    signal: leaving.signal,
  });
  const reader = response.body?.getReader();
  await reader?.read();
  expect(runner.watching).toBe(1);
  leaving.abort();
  await until('all feeds are closed', () => runner.watching === 0);
});
