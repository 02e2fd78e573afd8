import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type ApiFailure,
  expectGoingOn,
  OVER_SSE,
  OVER_WEBSOCKET,
  readFeed,
  readJob,
  startTraining,
  statusesOf,
  type Transport,
  watchFeed,
} from '../support/api-client.ts';
import { startTestServer, type TestServer } from '../support/server-process.ts';
import { until } from '../support/until.ts';

const LIFE = ['QUEUED', 'STARTING', 'LOADING', 'RUNNING', 'COMPLETED'];
/** The sample has 30 rows, so this is 60 steps. */
const SIMULATION = { backend: 'SIMULATION', epochs: 20, batchSize: 10 };

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());

describe.each([OVER_WEBSOCKET, OVER_SSE])('the feed of a job over $name', (transport: Transport) => {
  test('starts with a snapshot, sends every later status in order, ends once, and completes', async () => {
    const { url } = server;
    const { id } = await startTraining(url, SIMULATION);

    const messages = await readFeed(transport, url, id);
    const statuses = statusesOf(messages);
    expect(statuses).toEqual(LIFE.slice(LIFE.indexOf(statuses[0] ?? '')));
    expect(messages.filter(({ status }) => status === 'COMPLETED')).toHaveLength(1);
    expect(messages.at(-1)).toMatchObject({ status: 'COMPLETED', percent: 100, step: 60 });
    expect(new Set(messages.map(({ cursor }) => cursor)).size).toBe(messages.length);
  });

  test('sends everything since the cursor in the answer to startTraining', async () => {
    const { url } = server;
    const { id, cursor } = await startTraining(url, SIMULATION);
    await until('the job has ended', async () => (await readJob(url, id)).status === 'COMPLETED');

    expect(['QUEUED', ...statusesOf(await readFeed(transport, url, id, { after: cursor }))]).toEqual(LIFE);
  });

  test('of a job that has ended is its last state and the end', async () => {
    const { url } = server;
    const { id } = await startTraining(url, SIMULATION);
    await readFeed(transport, url, id);

    const messages = await readFeed(transport, url, id);
    expect(messages).toHaveLength(1);
    expect(messages[0]).toMatchObject({ status: 'COMPLETED', percent: 100 });
  });

  test('of a job that does not exist is an error with the code JOB_NOT_FOUND', async () => {
    const { url } = server;
    const failures: ApiFailure[] = [];
    for await (const { errors } of watchFeed(transport, url, 'job_1_00000000')) failures.push(...(errors ?? []));
    expect(failures.map(({ extensions }) => extensions?.code)).toEqual(['JOB_NOT_FOUND']);
  });

  test('continues after a cursor without a gap or a repeat when the connection was lost', async () => {
    const { url } = server;
    // Longer than the others, so that a message comes from the middle of it on a busy machine, too.
    const { id, cursor } = await startTraining(url, { ...SIMULATION, epochs: 100 });

    const before = await readFeed(transport, url, id, { after: cursor, enough: ({ step }) => step >= 15 });
    const last = before.at(-1);
    const resumed = await readFeed(transport, url, id, { after: last?.cursor ?? null });

    expect(['QUEUED', ...statusesOf([...before, ...resumed])]).toEqual(LIFE);
    expectGoingOn([...before, ...resumed]);
    expect(resumed.at(-1)).toMatchObject({ status: 'COMPLETED', step: 300 });
  });
});
