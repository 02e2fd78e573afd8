import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bearer, tokenOf } from '../../support/tokens.ts';
import { scrape } from '../exposition.ts';
import { type Answer, ask, codesOf, queueJob, serve, type TestServer } from '../support.ts';

const JSON_TYPE = 'application/json';

interface Request {
  readonly body: string;
  readonly headers?: Record<string, string>;
}

/** A query string sends a request the usual way, through Yoga, which ignores it. */
const send = (server: TestServer, path: '/graphql' | '/graphql?', { body, headers }: Request) =>
  ask(server, { method: 'POST', path, headers: { 'content-type': JSON_TYPE, ...headers }, body });

/** The parts of an answer that a client can see and that do not differ between any two. */
function visible({ status, headers, text }: Answer) {
  const others = Object.entries(headers).filter(([name]) => name !== 'date' && name !== 'x-request-id');
  return { status, headers: Object.fromEntries(others), text: text.replace(/"requestId":"[^"]*"/, '"requestId":"-"') };
}

/** Sends a request the usual way and then three times without a query string, and expects the same answers. */
async function expectSame(server: TestServer, request: Request): Promise<Answer> {
  const usual = await send(server, '/graphql?', request);
  for (let time = 0; time < 3; time += 1) {
    expect(visible(await send(server, '/graphql', request)), request.body.slice(0, 200)).toEqual(visible(usual));
  }
  return usual;
}

const operation = (query: string, more: object = {}): Request => ({ body: JSON.stringify({ query, ...more }) });

test('a query gets the same answer as from Yoga, with or without data, variables and errors', async () => {
  const server = await serve();
  const { id } = await queueJob(server.runner, 'naïve 漢字');
  // A folder in place of the metrics file causes an unexpected error.
  mkdirSync(join(server.home, 'artifacts', 'metrics', `${id}.jsonl`));
  const job = 'query ($id: ID!) { job(id: $id) { id name status } }';
  const answers = [
    await expectSame(server, operation('{ __typename }')),
    await expectSame(server, operation(job, { variables: { id } })),
    await expectSame(
      server,
      operation(job, { variables: { id: 'job_1_00000000' }, operationName: null, extensions: null }),
    ),
    await expectSame(server, operation('query A { a: __typename } query B { b: __typename }', { operationName: 'B' })),
    await expectSame(
      server,
      operation('query ($n: Int) { jobs(first: $n) { edges { node { id progress { step } } } } }'),
    ),
    await expectSame(server, operation('{ __schema { queryType { name } } }', { variables: {} })),
    // Longer than what is answered without Yoga.
    await expectSame(server, operation(`{ __typename }${' '.repeat(70_000)}`)),
  ];
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
  expect(answers.flatMap((answer) => codesOf(answer.json()))).toEqual([]);

  const failing = await expectSame(server, operation(`{ job(id: "${id}") { id metrics { name } } }`));
  expect(codesOf(failing.json())).toEqual(['INTERNAL_SERVER_ERROR']);
});

test('refusals are the same', async () => {
  const server = await serve({ limits: { complexity: 500, refusalBurst: 1_000 } });
  const page = 'query ($n: Int) { jobs(first: $n) { edges { node { id name status } } } }';
  await expectSame(server, operation(page, { variables: { n: 2 } }));
  const codes = [];
  for (const request of [
    operation(page, { variables: { n: 200 } }),
    operation(page, { variables: { n: 'two' } }),
    operation(page, { variables: { n: 2, others: 'x'.repeat(200_000) } }),
    operation(page, { variables: [] }),
    operation(page, { operationName: 'Missing' }),
    operation(page, { operationName: 1 }),
    operation('query A { a: __typename } query B { b: __typename }'),
    operation('query ($id: ID!) { job(id: $id) { id } }'),
    operation('{ nonsense }'),
    operation('{'),
    operation('{ __typename }', { extra: 1 }),
    operation('{ __typename }', { extensions: { persistedQuery: { version: 1, sha256Hash: 'x' } } }),
    operation('{ __typename }', { extensions: [] }),
    { body: 'no JSON' },
    { body: 'null' },
    { body: '[]' },
    { body: '\ufeff{"query":"{ __typename }"}' },
    { body: '{"query":1}' },
    { body: '{}' },
    { body: `${'['.repeat(2_000)}${']'.repeat(2_000)}` },
  ]) {
    const answer = await expectSame(server, request);
    codes.push(answer.text === '' ? answer.status : (codesOf(answer.json())[0] ?? 'none'));
  }
  expect(codes.slice(0, 3)).toEqual(['OPERATION_TOO_COMPLEX', 'BAD_USER_INPUT', 'VARIABLES_TOO_LARGE']);
});

test('an answer that is too large fails in the same way', async () => {
  const server = await serve({ limits: { answerBytes: 500 } });
  for (let count = 0; count < 20; count += 1) await queueJob(server.runner, `number ${count}`);
  const answer = await expectSame(server, operation('{ jobs { edges { node { id name } } } }'));
  expect(codesOf(answer.json())).toEqual(['ANSWER_TOO_LARGE']);
});

test.each([
  '*/*',
  'application/*',
  'application/json',
  'application/graphql-response+json',
  'application/graphql-response+json; charset=utf-8, application/json; charset=utf-8',
  'application/json;q=0.1, application/graphql-response+json;q=0.9',
  'application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed',
  'multipart/mixed;deferSpec=20220824, application/json',
  'text/html, */*;q=0.1',
  'application/json; charset=iso-8859-1, */*',
  'APPLICATION/JSON',
  'text/html',
  'text/event-stream',
  '',
  'constructor',
])('with the header "Accept: %s" the answer has the same media type', async (accept) => {
  const server = await serve();
  await expectSame(server, { ...operation('{ __typename }'), headers: { accept } });
});

test.each([
  { 'content-type': 'application/json; charset=utf-8' },
  { 'content-type': 'Application/JSON' },
  { 'content-type': 'application/json; charset=utf-16' },
  { 'content-encoding': 'identity' },
  { 'x-request-id': 'mine' },
])('with the headers %j the answer is the same', async (headers) => {
  const server = await serve();
  const { status } = await expectSame(server, { ...operation('{ __typename }'), headers });
  expect(status).toBeLessThan(500);
});

test('a client sees what its role may see, and a revoked token ends that', async () => {
  const tokens = [
    tokenOf('someone', 'one', { role: 'viewer', expiresAt: Date.now() + 3_600_000 }),
    tokenOf('root', 'two'),
  ];
  const server = await serve({ settings: { tokens } });
  const query = operation('{ me { name role } auditLog { edges { cursor } } }');
  const viewer = await expectSame(server, { ...query, headers: bearer('one') });
  expect(codesOf(viewer.json())).toEqual(['FORBIDDEN']);
  const root = await expectSame(server, { ...query, headers: bearer('two') });
  expect(root.json().data).toMatchObject({ me: { name: 'root', role: 'ADMIN' } });
  expect(codesOf((await expectSame(server, query)).json())).toEqual(['UNAUTHENTICATED']);
});

test('each query counts once, with its outcome', async () => {
  const server = await serve();
  const seconds = 'trainyard_graphql_operation_seconds_count';
  await send(server, '/graphql', operation('{ __typename }'));
  const count = async () => (await scrape(server)).get(`${seconds}{type="query",outcome="ok"}`) ?? 0;
  const before = await count();
  for (let time = 0; time < 3; time += 1) await send(server, '/graphql', operation('{ __typename }'));
  expect(await count()).toBe(before + 3);
});
