import { expect, test } from 'vitest';
import { bearer, tokenOf } from '../support/tokens.ts';
import { codesOf, post, serve, type TestServer } from '../server/support.ts';

async function ask(server: TestServer, query: string, variables = {}): Promise<Record<string, unknown>> {
  const { data, errors } = (await post(server, query, { variables })).json();
  expect(errors).toBeUndefined();
  return data as Record<string, unknown>;
}

interface Listed {
  readonly id: string;
  readonly name: string;
  readonly queuePosition: number | null;
  readonly waitingFor: string | null;
}

const START_ALL = `mutation ($inputs: [StartTrainingInput!]!) { startTrainings(inputs: $inputs) {
  __typename ... on StartTrainingsSuccess { jobs { id } } ... on InvalidInputError { message path } ... on Error { message } } }`;
const LIST = `{ jobs(filter: { status: [QUEUED] }, orderBy: { field: QUEUE_POSITION, direction: ASC }) {
  edges { cursor node { id name queuePosition waitingFor } } } }`;

async function listed(server: TestServer): Promise<Listed[]> {
  const { jobs } = (await ask(server, LIST)) as { jobs: { edges: { node: Listed }[] } };
  return jobs.edges.map(({ node }) => node);
}

async function startAll(server: TestServer, inputs: readonly object[]): Promise<string[]> {
  const { startTrainings } = (await ask(server, START_ALL, { inputs })) as {
    startTrainings: { jobs: { id: string }[] };
  };
  return startTrainings.jobs.map(({ id }) => id);
}

const input = (name: string, more = {}) => ({ backend: 'SIMULATION', name, ...more });

test('startTrainings creates a graph of jobs, and each job says what it waits for', async () => {
  const server = await serve();
  const [a, b] = await startAll(server, [
    input('a', { group: 'night' }),
    input('b', { dependsOn: [{ index: 0, when: 'AFTER_END' }], notBefore: '2050-01-01T00:00:00.000Z' }),
  ]);
  const { job } = await ask(
    server,
    `{ job(id: "${b}") { waitingFor notBefore group dependsOn { id when isMet job { name group } } } }`,
  );
  expect(job).toEqual({
    waitingFor: `Waits for ${a} to end.`,
    notBefore: '2050-01-01T00:00:00.000Z',
    group: null,
    dependsOn: [{ id: a, when: 'AFTER_END', isMet: false, job: { name: 'a', group: 'night' } }],
  });
  const filtered = await ask(server, '{ jobs(filter: { group: "night" }) { totalCount } }');
  expect(filtered).toEqual({ jobs: { totalCount: 1 } });
});

test('startTrainings starts nothing if one input is wrong, and says which', async () => {
  const server = await serve();
  const { startTrainings } = await ask(server, START_ALL, {
    inputs: [input('a'), input('b', { dependsOn: [{ index: 1 }] })],
  });
  expect(startTrainings).toMatchObject({
    __typename: 'InvalidInputError',
    path: ['inputs', '1', 'dependsOn', '0', 'index'],
  });
  const options = await ask(server, START_ALL, { inputs: [input('a', { options: [1] })] });
  expect(options['startTrainings']).toMatchObject({ path: ['inputs', '0', 'options'] });
  expect(server.runner.count()).toBe(0);
});

test('the queue is listed in order page by page, moved, and reprioritized', async () => {
  const server = await serve();
  const [a, b, c] = await startAll(
    server,
    ['a', 'b', 'c'].map((name) => input(name)),
  );
  const names = async () => (await listed(server)).map(({ name }) => name).join('');
  expect(await names()).toBe('abc');
  const move = (args: string) =>
    ask(
      server,
      `mutation { moveJob(input: ${args}) { __typename ... on MoveJobSuccess { job { queuePosition } } ... on Error { message } } }`,
    );
  expect((await move(`{ id: "${c}", before: "${a}" }`))['moveJob']).toEqual({
    __typename: 'MoveJobSuccess',
    job: { queuePosition: 1 },
  });
  expect(await names()).toBe('cab');
  expect((await move(`{ id: "${c}" }`))['moveJob']).toMatchObject({ __typename: 'InvalidInputError' });
  expect((await move(`{ id: "${c}", after: "no" }`))['moveJob']).toMatchObject({ __typename: 'JobNotFoundError' });
  await ask(server, `mutation { updateJob(input: { id: "${b}", priority: 1 }) { __typename } }`);
  expect(await names()).toBe('bca');
  await server.runner.stop(c ?? '');
  expect((await move(`{ id: "${a}", after: "${c}" }`))['moveJob']).toEqual({
    __typename: 'JobNotWaitingError',
    message: `Job ${c} is STOPPED and does not wait in the queue.`,
  });
  const page = (after: string | null) =>
    ask(
      server,
      `query ($after: String) { jobs(first: 1, after: $after, orderBy: { field: QUEUE_POSITION, direction: ASC }) { edges { node { name } } pageInfo { endCursor } } }`,
      { after },
    ) as Promise<{ jobs: { edges: { node: { name: string } }[]; pageInfo: { endCursor: string } } }>;
  const first = await page(null);
  const second = await page(first.jobs.pageInfo.endCursor);
  expect([first, second].map(({ jobs }) => jobs.edges[0]?.node.name)).toEqual(['b', 'a']);
});

test('the queue and its groups are paused, limited and resumed', async () => {
  const server = await serve();
  const QUEUE = '... { queue { isPaused waiting running groups { name isPaused limit running waiting } } }';
  const change = async (field: string) => {
    const name = `${field.charAt(0).toUpperCase()}${field.split('(')[0]?.slice(1)}Success`;
    const data = await ask(
      server,
      `mutation { ${field} { __typename ${QUEUE.replace('...', `... on ${name}`)} ... on Error { message } } }`,
    );
    return Object.values(data)[0];
  };
  await startAll(server, [input('a', { group: 'night' })]);
  const night = { name: 'night', isPaused: false, limit: null, running: 0, waiting: 1 };
  expect(await change('pauseQueue')).toMatchObject({
    queue: { isPaused: true, waiting: 1, groups: [night] },
  });
  expect((await listed(server))[0]?.waitingFor).toBe('The queue is paused.');
  expect(await change('resumeQueue')).toMatchObject({ queue: { isPaused: false } });
  expect(await change('pauseQueue(group: "night")')).toMatchObject({
    queue: { isPaused: false, groups: [{ ...night, isPaused: true }] },
  });
  expect((await listed(server))[0]?.waitingFor).toBe('The group night is paused.');
  expect(await change('setGroupLimit(input: { group: "night", limit: 2 })')).toMatchObject({
    queue: { groups: [{ ...night, isPaused: true, limit: 2 }] },
  });
  for (const field of [
    'pauseQueue(group: "")',
    'resumeQueue(group: "a b")',
    'setGroupLimit(input: { group: "x", limit: 0 })',
  ]) {
    expect(await change(field)).toMatchObject({ __typename: 'InvalidInputError' });
  }
});

test('changes of the queue are recorded in the audit log with their targets', async () => {
  const server = await serve();
  const [a, b] = await startAll(server, [input('a'), input('b')]);
  await ask(server, `mutation { moveJob(input: { id: "${b}", before: "${a}" }) { __typename } }`);
  await ask(server, 'mutation { pauseQueue { __typename } resumeQueue(group: "g") { __typename } }');
  await ask(server, 'mutation { setGroupLimit(input: { group: "g", limit: 1 }) { __typename } }');
  const { auditLog } = await ask(server, '{ auditLog { edges { node { action targets } } } }');
  expect((auditLog as { edges: { node: object }[] }).edges.map(({ node }) => node)).toEqual([
    { action: 'setGroupLimit', targets: ['g'] },
    { action: 'resumeQueue', targets: ['g'] },
    { action: 'pauseQueue', targets: [] },
    { action: 'moveJob', targets: [b] },
    { action: 'startTrainings', targets: [a, b] },
  ]);
});

test('an answer of startTrainings costs as much as its jobs', async () => {
  const server = await serve();
  const inputs = Array.from({ length: 1000 }, () => ({ backend: 'SIMULATION' }));
  const query = (fields: string) =>
    `mutation ($inputs: [StartTrainingInput!]!) { startTrainings(inputs: $inputs) { ... on StartTrainingsSuccess { jobs { ${fields} } } } }`;
  const names = Array.from({ length: 30 }, (_, index) => `a${index}: name`).join(' ');
  const answer = (await post(server, query(names), { variables: { inputs } })).json();
  expect(codesOf(answer)).toEqual(['OPERATION_TOO_COMPLEX']);
  expect(server.runner.count()).toBe(0);
});

test('a batch counts as many starts as it has jobs', async () => {
  const server = await serve({
    limits: { startsPerMinute: { perUser: 3, total: 100 } },
    settings: { tokens: [tokenOf('olga', 'olga', { role: 'operator' })] },
  });
  const start = async (count: number) => {
    const variables = { inputs: Array.from({ length: count }, () => ({ backend: 'SIMULATION' })) };
    return (await post(server, START_ALL, { variables, headers: bearer('olga') })).json();
  };
  expect((await start(2)).errors).toBeUndefined();
  expect(codesOf(await start(2))).toEqual(['RATE_LIMITED']);
  expect((await start(1)).errors).toBeUndefined();
  expect(server.runner.count()).toBe(3);
});
