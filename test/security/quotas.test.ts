import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createRateQuota } from '../../src/server/rates/rate-quota.ts';
import { createUploadSlots } from '../../src/server/files/upload-slots.ts';
import { bearer, tokenOf } from '../support/tokens.ts';
import { until } from '../support/until.ts';
import {
  ask,
  codesOf,
  connect,
  type GraphQLAnswer,
  overSse,
  overWebSocket,
  post,
  queueJob,
  serve,
  type TestServer,
} from '../server/support.ts';
import { put } from '../server/uploading.ts';

const TOKENS = [tokenOf('ada', 'ada'), tokenOf('bob', 'bob')];
const START = 'mutation { startTraining(input: { backend: SIMULATION }) { __typename ... on Error { message } } }';
const STARTED = { data: { startTraining: { __typename: 'StartTrainingSuccess' } } };

const send = async (server: TestServer, user: string, query = START): Promise<GraphQLAnswer> =>
  (await post(server, query, { headers: bearer(user) })).json();
const retryAfter = ({ errors = [] }: GraphQLAnswer) =>
  (errors[0]?.extensions as { retryAfterSeconds?: number } | undefined)?.retryAfterSeconds;
const messageOf = ({ errors = [] }: GraphQLAnswer) => errors[0]?.message ?? '';

test('[quota-starts] a user who starts too many is refused with a time to wait, and others are not', async () => {
  const limits = { startsPerMinute: { perUser: 2, total: 3 } };
  const server = await serve({ settings: { tokens: TOKENS }, limits });
  for (let n = 0; n < 2; n += 1) expect(await send(server, 'ada')).toEqual(STARTED);
  const refused = await send(server, 'ada');
  expect(codesOf(refused)).toEqual(['RATE_LIMITED']);
  expect(retryAfter(refused)).toBeGreaterThan(0);
  expect(retryAfter(refused)).toBeLessThanOrEqual(30);
  expect(await send(server, 'bob')).toEqual(STARTED);
  expect(codesOf(await send(server, 'bob'))).toEqual(['RATE_LIMITED']);
  expect(server.runner.count()).toBe(3);
});

test('[quota-starts-counted] a repeated key and a refused start do not count, and a resume does', async () => {
  const limits = { startsPerMinute: { perUser: 2, total: 100 } };
  const server = await serve({ settings: { tokens: TOKENS }, limits });
  const keyed = START.replace('backend', 'idempotencyKey: "sweep-1", backend');
  for (let n = 0; n < 5; n += 1) expect(await send(server, 'ada', keyed)).toEqual(STARTED);
  for (const [field, problem] of [
    ['epochs: 0', 'InvalidInputError'],
    ['dataset: "absent.csv"', 'DatasetNotFoundError'],
    ['idempotencyKey: "sweep-1", epochs: 3', 'IdempotencyConflictError'],
  ] as const) {
    const answer = await send(server, 'ada', START.replace('backend', `${field}, backend`));
    expect(answer).toMatchObject({ data: { startTraining: { __typename: problem } } });
  }
  const [job] = server.runner.list({ limit: 1 });
  const id = job?.id ?? expect.fail('no job');
  await server.runner.stop(id);
  const resume = `mutation { resumeTraining(input: { id: "${id}" }) { __typename } }`;
  expect(await send(server, 'ada', resume)).toEqual({
    data: { resumeTraining: { __typename: 'ResumeTrainingSuccess' } },
  });
  // It is queued again: refused for that reason, which does not count either.
  expect(await send(server, 'ada', resume)).toMatchObject({
    data: { resumeTraining: { __typename: 'JobNotEndedError' } },
  });
  expect(codesOf(await send(server, 'ada'))).toEqual(['RATE_LIMITED']);
  await server.runner.stop(id);
  expect(codesOf(await send(server, 'ada', resume))).toEqual(['RATE_LIMITED']);
});

test('[quota-uploads] a user who uploads too often is refused with Retry-After, and others are not', async () => {
  const limits = { uploadsPerMinute: { perUser: 1, total: 100 } };
  const server = await serve({ settings: { tokens: TOKENS }, limits });
  expect((await put(server, 'one.csv', undefined, bearer('ada'))).status).toBe(201);
  const refused = await put(server, 'two.csv', undefined, bearer('ada'));
  expect([refused.status, codesOf(refused.json())]).toEqual([429, ['RATE_LIMITED']]);
  expect(Number(refused.headers['retry-after'])).toBe(retryAfter(refused.json()));
  expect(retryAfter(refused.json())).toBeGreaterThan(0);
  expect((await put(server, 'two.csv', undefined, bearer('bob'))).status).toBe(201);
});

test('[quota-requests] a user who sends too many requests is refused on every way, and others are not', async () => {
  const server = await serve({ settings: { tokens: TOKENS }, limits: { requestsPerMinute: 3 } });
  const query = '{ __typename }';
  const client = connect(server, bearer('ada'));
  expect(await overWebSocket(client, query)).toMatchObject([{ data: { __typename: 'Query' } }]);
  expect(await send(server, 'ada', query)).toMatchObject({ data: { __typename: 'Query' } });
  expect((await ask(server, { path: '/datasets/sample.csv', headers: bearer('ada') })).status).toBe(200);

  const refused = await post(server, query, { headers: bearer('ada') });
  expect([refused.status, codesOf(refused.json())]).toEqual([429, ['RATE_LIMITED']]);
  // A request every 20 seconds; less the time since the first one, which is a second or more on a busy machine.
  const seconds = Number(refused.headers['retry-after']);
  expect(seconds).toBeGreaterThan(10);
  expect(seconds).toBeLessThanOrEqual(20);
  const [overSocket = {}] = await overWebSocket(client, query);
  expect(codesOf(overSocket)).toEqual(['RATE_LIMITED']);
  expect(retryAfter(overSocket)).toBeGreaterThan(0);
  expect(retryAfter(overSocket)).toBeLessThanOrEqual(seconds);
  expect(await send(server, 'bob', query)).toMatchObject({ data: { __typename: 'Query' } });
});

test('[quota-requests-address] requests without a valid token count for their address, and probes are always answered', async () => {
  const server = await serve({ settings: { tokens: TOKENS }, limits: { requestsPerMinute: 2 } });
  const anonymous = async (path: string) => (await ask(server, { path })).status;
  expect([await anonymous('/graphql?query={__typename}'), await anonymous('/')]).not.toContain(429);
  expect([await anonymous('/graphql?query={__typename}'), await anonymous('/'), await anonymous('/models/x')]).toEqual([
    429, 429, 429,
  ]);
  expect(await anonymous('/health')).toBe(200);
  expect(await send(server, 'ada', '{ __typename }')).toMatchObject({ data: { __typename: 'Query' } });
});

test('[quota-subscriptions] one more than allowed is refused over WebSocket and SSE until another one ends', async () => {
  const server = await serve({ limits: { subscriptions: { perUser: 2, total: 100 } } });
  const { id } = await queueJob(server.runner);
  const query = `subscription { jobProgress(id: "${id}") { status } }`;
  const first = { value: { data: { jobProgress: { status: 'QUEUED' } } } };
  const client = connect(server);
  const feeds = [client.iterate({ query }), client.iterate({ query })];
  for (const feed of feeds) expect(await feed.next()).toMatchObject(first);
  const [overEvents = {}] = await overSse(server, query);
  const [overSocket = {}] = await overWebSocket(client, query);
  for (const refused of [overEvents, overSocket]) {
    expect([codesOf(refused), retryAfter(refused)]).toEqual([['TOO_MANY_SUBSCRIPTIONS'], undefined]);
  }
  await feeds[0]?.return?.();
  const next = await until('a subscription is possible again', async () => {
    const feed = client.iterate({ query });
    return feed.next().catch(() => null);
  });
  expect(next).toMatchObject(first);
});

test('[quota-disk] starts and uploads are refused below the floor of free space, and change nothing', async () => {
  const server = await serve({ runner: { minFreeBytes: Number.MAX_SAFE_INTEGER } });
  const refused = (await post(server, START)).json();
  expect([codesOf(refused), retryAfter(refused)]).toEqual([['DISK_FULL'], undefined]);
  expect(messageOf(refused)).toMatch(/`trainyard delete`.*datasets folder/);
  const upload = await put(server, 'one.csv');
  expect([upload.status, ...codesOf(upload.json())]).toEqual([507, 'DISK_FULL']);
  expect(server.runner.count()).toBe(0);
});

test('[quota-stored] uploads count for their user at once, and a replaced file for the one who replaced it', async () => {
  const runner = { maxStoredBytes: { perUser: 10_000, total: 1_000_000 } };
  const server = await serve({ settings: { tokens: TOKENS }, runner });
  const large = Buffer.alloc(10_000, 'a,b\n');
  expect((await put(server, 'one.csv', large, bearer('ada'))).status).toBe(201);
  const refused = await put(server, 'two.csv', undefined, bearer('ada'));
  expect([refused.status, ...codesOf(refused.json()), retryAfter(refused.json())]).toEqual([
    507,
    'STORAGE_QUOTA',
    undefined,
  ]);
  expect(messageOf(refused.json())).toMatch(/^Your jobs .* 10000 bytes; the maximum is 10000 .*`trainyard delete`/);
  expect(codesOf(await send(server, 'ada'))).toEqual(['STORAGE_QUOTA']);
  expect(await send(server, 'bob')).toEqual(STARTED);
  expect((await put(server, 'one.csv?replace=true', large, bearer('bob'))).status).toBe(200);
  expect(await send(server, 'ada')).toEqual(STARTED);
  expect(codesOf(await send(server, 'bob'))).toEqual(['STORAGE_QUOTA']);
});

test('[quota-stored-stream] an upload that exceeds the quota ends at the limit, whatever length it announced', async () => {
  const server = await serve({ runner: { maxStoredBytes: { perUser: Infinity, total: 1_000_000 } } });
  const body = Buffer.alloc(2_000_000, 'a,b\n');
  const refused = await put(server, 'one.csv', body, { 'transfer-encoding': 'chunked' });
  expect([refused.status, ...codesOf(refused.json())]).toEqual([507, 'STORAGE_QUOTA']);
  expect((await put(server, 'two.csv')).status).toBe(201);
});

test('[quota-stored-files] files that others add or remove count after the next measurement', async () => {
  const runner = { maxStoredBytes: { perUser: Infinity, total: 10_000_000 }, measureEveryMs: 50 };
  const server = await serve({ runner });
  const file = join(server.home, 'datasets', 'large.csv');
  writeFileSync(file, Buffer.alloc(11_000_000, 'a'));
  const upload = async () => (await put(server, 'probe.csv?replace=true')).status;
  await until('the file counts', async () => (await upload()) === 507);
  expect(codesOf((await post(server, START)).json())).toEqual(['STORAGE_QUOTA']);
  rmSync(file);
  await until('it does not count any more', async () => (await upload()) === 200);
});

test('[quota-jobs] a user who keeps too many jobs can start more after deleting some', async () => {
  const server = await serve({ settings: { tokens: TOKENS }, runner: { maxJobs: { perUser: 2, total: 3 } } });
  for (let n = 0; n < 2; n += 1) expect(await send(server, 'ada')).toEqual(STARTED);
  const refused = await send(server, 'ada');
  expect([codesOf(refused), retryAfter(refused)]).toEqual([['TOO_MANY_JOBS'], undefined]);
  expect(messageOf(refused)).toMatch(/^You already keep .* 2 jobs .*delete jobs that have ended/);
  expect(await send(server, 'bob')).toEqual(STARTED);
  expect(messageOf(await send(server, 'bob'))).toMatch(/^The server already keeps the maximum of 3 jobs/);
  const [job] = server.runner.list({ limit: 10 }).filter(({ startedBy }) => startedBy === 'ada');
  const id = job?.id ?? expect.fail('no job');
  await server.runner.stop(id);
  await server.runner.deleteJobs({ ids: [id] });
  expect(await send(server, 'ada')).toEqual(STARTED);
});

test('[quota-jobs-burst] starts at the same time do not exceed the number of kept jobs', async () => {
  const server = await serve({ runner: { maxJobs: { perUser: Infinity, total: 3 } } });
  const answers = await Promise.all(Array.from({ length: 8 }, () => post(server, START)));
  expect(answers.map((answer) => codesOf(answer.json())[0] ?? 'STARTED').sort()).toEqual([
    ...Array<string>(3).fill('STARTED'),
    ...Array<string>(5).fill('TOO_MANY_JOBS'),
  ]);
});

test('a rate fills up again in a minute, and remembers a bounded number of users', () => {
  let now = 0;
  const quota = createRateQuota({ perUser: 60, total: null }, () => now);
  for (let n = 0; n < 60; n += 1) expect(quota.take('ada')).toBe(0);
  expect(quota.take('ada')).toBe(1);
  now += 1_000;
  expect(quota.take('ada')).toBe(0);
  expect(quota.take('ada')).toBe(1);
  for (let n = 0; n < 20_000; n += 1) expect(quota.take(`user ${n}`)).toBe(0);
  now += 60_000;
  for (let n = 0; n < 60; n += 1) expect(quota.take('ada')).toBe(0);
  expect(quota.take('ada')).toBe(1);
});

test('half of the upload slots are for users without an upload, so that two users cannot take all of them', () => {
  const slots = createUploadSlots(8);
  const take = (user: string) => {
    const slot = slots.take(user);
    return typeof slot === 'string' ? slot : 'TAKEN';
  };
  const last = [1, 2, 3, 4].map(() => slots.take('ada')).at(-1);
  expect(take('ada')).toBe('FOR_OTHERS');
  expect([take('bob'), take('bob')]).toEqual(['TAKEN', 'FOR_OTHERS']);
  expect([take('cy'), take('di'), take('ed'), take('flo')]).toEqual(['TAKEN', 'TAKEN', 'TAKEN', 'ALL_TAKEN']);
  if (typeof last === 'object') last[Symbol.dispose]();
  expect([take('ada'), take('flo')]).toEqual(['FOR_OTHERS', 'TAKEN']);
});
