import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  ask,
  codesOf,
  connect,
  type GraphQLAnswer,
  overSse,
  overWebSocket,
  post,
  serve,
  type TestServer,
} from '../server/support.ts';
import { startRunner } from '../support/runner.ts';
import { bearer, tokenOf } from '../support/tokens.ts';

const TOKENS = [
  tokenOf('vera', 'vera', { role: 'viewer' }),
  tokenOf('olga', 'olga', { role: 'operator' }),
  tokenOf('otto', 'otto', { role: 'operator' }),
  tokenOf('adam', 'adam', { role: 'admin' }),
];
const USERS = TOKENS.map(({ name }) => name);

type Send = (server: TestServer, user: string, query: string) => Promise<GraphQLAnswer>;
const overHttp: Send = async (server, user, query) => (await post(server, query, { headers: bearer(user) })).json();
const WAYS: readonly (readonly [string, Send])[] = [
  ['HTTP', overHttp],
  ['SSE', async (server, user, query) => (await overSse(server, query, bearer(user)))[0] ?? {}],
  ['WebSocket', async (server, user, query) => (await overWebSocket(connect(server, bearer(user)), query))[0] ?? {}],
];

/** Who may do what to a job that Olga started. */
const ACTIONS: readonly (readonly [id: string, query: (jobId: string) => string, allowed: readonly string[]])[] = [
  ['read', () => '{ jobs { nodes: edges { node { id startedBy } } } webhooks { name } }', USERS],
  [
    'start',
    () => 'mutation { startTraining(input: { backend: SIMULATION }) { __typename } }',
    ['olga', 'otto', 'adam'],
  ],
  ['edit', (id) => `mutation { updateJob(input: { id: "${id}", notes: "x" }) { __typename } }`, ['olga', 'adam']],
  ['stop', (id) => `mutation { stopTraining(input: { id: "${id}" }) { __typename } }`, ['olga', 'adam']],
  ['resume', (id) => `mutation { resumeTraining(input: { id: "${id}" }) { __typename } }`, ['olga', 'adam']],
  [
    'delete',
    () => 'mutation { deleteJobs(input: { filter: { text: "-" } }) { __typename } }',
    ['olga', 'otto', 'adam'],
  ],
  [
    'start-many',
    () => 'mutation { startTrainings(inputs: [{ backend: SIMULATION }]) { __typename } }',
    ['olga', 'otto', 'adam'],
  ],
  [
    'prioritize',
    (id) => `mutation { updateJob(input: { id: "${id}", priority: 1 }) { __typename } }`,
    ['olga', 'adam'],
  ],
  ['move', (id) => `mutation { moveJob(input: { id: "${id}", before: "x" }) { __typename } }`, ['olga', 'adam']],
  ['pause', () => 'mutation { pauseQueue { __typename } }', ['adam']],
  ['unpause', () => 'mutation { resumeQueue { __typename } }', ['adam']],
  ['limit', () => 'mutation { setGroupLimit(input: { group: "g", limit: 1 }) { __typename } }', ['adam']],
  ['redeliver', () => 'mutation { redeliverWebhook(input: { id: "x" }) { __typename } }', ['adam']],
  ['audit', () => '{ auditLog { edges { node { id } } } }', ['adam']],
];

let server: TestServer;
let jobId: string;
beforeEach(async () => {
  server = await serve({ settings: { tokens: TOKENS } });
  jobId = (await server.runner.start({ backend: 'SIMULATION' }, { startedBy: 'olga' })).id;
});

describe.each(WAYS)('over %s', (_way, send) => {
  test.each(ACTIONS)('[role-%s] is for those alone whose role allows it', async (_id, query, allowed) => {
    const before = server.runner.get(jobId);
    for (const user of USERS.filter((name) => !allowed.includes(name))) {
      const answer = await send(server, user, query(jobId));
      expect(answer.data ?? null, user).toBeNull();
      expect(codesOf(answer), user).toEqual(['FORBIDDEN']);
      expect(answer.errors?.[0]?.message).toContain('has the role');
    }
    expect(server.runner.get(jobId)).toBe(before);
    expect(server.runner.count()).toBe(1);
    for (const user of allowed) expect((await send(server, user, query(jobId))).errors, user).toBeUndefined();
  });
});

test('me is the user of the token, and null on a server without tokens', async () => {
  const query = '{ me { name role } }';
  expect((await overHttp(server, 'vera', query)).data).toEqual({ me: { name: 'vera', role: 'VIEWER' } });
  expect((await overHttp(server, 'olga', query)).data).toEqual({ me: { name: 'olga', role: 'OPERATOR' } });
  expect((await post(await serve(), query)).json()).toEqual({ data: { me: null } });
});

test('[role-alias] an operation with an allowed and a forbidden field changes nothing of the forbidden one', async () => {
  const own = await server.runner.start({ backend: 'SIMULATION' }, { startedBy: 'otto' });
  const { data, errors } = await overHttp(
    server,
    'otto',
    `mutation { a: updateJob(input: { id: "${own.id}", notes: "mine" }) { __typename }
                b: updateJob(input: { id: "${jobId}", notes: "mine" }) { __typename } }`,
  );
  expect(data ?? null).toBeNull();
  expect(errors?.map(({ path }) => path)).toEqual([['b']]);
  expect(server.runner.get(own.id)?.notes).toBe('mine');
  expect(server.runner.get(jobId)?.notes).toBe('');
});

test('[role-ownerless] a job that was started without a token belongs to the admins', async () => {
  const { id } = await server.runner.start({ backend: 'SIMULATION' });
  const stop = `mutation { stopTraining(input: { id: "${id}" }) { __typename } }`;
  expect(codesOf(await overHttp(server, 'olga', stop))).toEqual(['FORBIDDEN']);
  expect((await overHttp(server, 'adam', stop)).errors).toBeUndefined();
});

test('[role-missing-job] an operator receives NOT_FOUND for a job that does not exist', async () => {
  const { data } = await overHttp(server, 'olga', 'mutation { stopTraining(input: { id: "no" }) { __typename } }');
  expect(data).toEqual({ stopTraining: { __typename: 'JobNotFoundError' } });
});

test('[role-delete-others] deleteJobs of an operator matches only its own jobs, also on a dry run', async () => {
  const other = await server.runner.start({ backend: 'SIMULATION' }, { startedBy: 'otto' });
  const ownerless = await server.runner.start({ backend: 'SIMULATION' });
  for (const id of [jobId, other.id, ownerless.id]) await server.runner.stop(id);
  const remove = (user: string, dryRun: boolean) =>
    overHttp(
      server,
      user,
      `mutation { deleteJobs(input: { filter: { status: [STOPPED] }, dryRun: ${dryRun} }) {
        ... on DeleteJobsSuccess { deletedIds wouldDelete { ids } } } }`,
    );
  expect((await remove('otto', true)).data).toEqual({
    deleteJobs: { deletedIds: [], wouldDelete: { ids: [other.id] } },
  });
  expect((await remove('otto', false)).data).toEqual({ deleteJobs: { deletedIds: [other.id], wouldDelete: null } });
  expect(server.runner.count()).toBe(2);
  await remove('adam', false);
  expect(server.runner.count()).toBe(0);
});

test('[role-delete-empty] a filter without a condition is refused for an operator too', async () => {
  const { data } = await overHttp(
    server,
    'olga',
    'mutation { deleteJobs(input: { filter: { text: "" } }) { __typename } }',
  );
  expect(data).toEqual({ deleteJobs: { __typename: 'InvalidInputError' } });
});

describe('datasets', () => {
  const put = (user: string, path: string) =>
    ask(server, { method: 'PUT', path, headers: bearer(user), body: 'a,b\n1,2\n' });

  test('[role-upload] a viewer downloads and uploads nothing', async () => {
    const refused = await put('vera', '/datasets/new.csv');
    expect(refused.status).toBe(403);
    expect(codesOf(refused.json())).toEqual(['FORBIDDEN']);
    expect((await ask(server, { path: '/datasets/new.csv', headers: bearer('adam') })).status).toBe(404);
    expect((await ask(server, { path: '/datasets/sample.csv', headers: bearer('vera') })).status).toBe(200);
  });

  test('[role-replace] an operator uploads, and only an admin replaces', async () => {
    expect((await put('olga', '/datasets/new.csv')).status).toBe(201);
    writeFileSync(join(server.home, 'datasets', 'new.csv'), 'old\n');
    for (const path of ['/datasets/new.csv?replace=true', '/datasets/new.csv?x=1&replace=%74rue']) {
      expect((await put('olga', path)).status).toBe(403);
    }
    expect((await ask(server, { path: '/datasets/new.csv', headers: bearer('olga') })).text).toBe('old\n');
    expect((await put('adam', '/datasets/new.csv?replace=true')).status).toBe(200);
  });
});

test('the same idempotency key of two users is two jobs, also after a restart', async () => {
  const start = async (user: string) => {
    const { data } = await overHttp(
      server,
      user,
      'mutation { startTraining(input: { backend: SIMULATION, idempotencyKey: "k" }) { ... on StartTrainingSuccess { job { id startedBy } } } }',
    );
    return (data?.['startTraining'] as { job: { id: string; startedBy: string } }).job;
  };
  const [olga, otto, again] = [await start('olga'), await start('otto'), await start('olga')];
  expect([olga.startedBy, otto.startedBy]).toEqual(['olga', 'otto']);
  expect(otto.id).not.toBe(olga.id);
  expect(again).toEqual(olga);
  await server.server[Symbol.asyncDispose]();
  await server.runner[Symbol.asyncDispose]();
  const runner = await startRunner(server.home, { maxRunning: 0 });
  const input = { backend: 'SIMULATION', idempotencyKey: 'k' } as const;
  expect(runner.get(otto.id)?.startedBy).toBe('otto');
  expect(runner.count()).toBe(3);
  expect(await runner.start({ ...input, trainer: 'tabular' }, { startedBy: 'otto' })).toMatchObject({ id: otto.id });
});

test('a server without tokens starts jobs without an owner, and its clients are admins', async () => {
  const open = await serve();
  const start =
    'mutation { startTraining(input: { backend: SIMULATION }) { ... on StartTrainingSuccess { job { startedBy } } } }';
  expect((await post(open, start)).json().data).toEqual({ startTraining: { job: { startedBy: null } } });
  expect((await post(open, '{ auditLog { edges { node { user role action } } } }')).json().data).toEqual({
    auditLog: { edges: [{ node: { user: null, role: 'ADMIN', action: 'startTraining' } }] },
  });
});
