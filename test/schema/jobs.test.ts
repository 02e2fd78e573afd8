import { expect, test } from 'vitest';
import { post, queueJob, serve } from '../server/support.ts';

test('a job is found by its id with job and with node, and an unknown id gives null', async () => {
  const server = await serve();
  const { id } = await queueJob(server.runner, 'mine');
  const query = `query ($id: ID!) { job(id: $id) { id name } node(id: $id) { __typename id ... on Job { name } } }`;
  expect((await post(server, query, { variables: { id } })).json().data).toEqual({
    job: { id, name: 'mine' },
    node: { __typename: 'Job', id, name: 'mine' },
  });
  expect((await post(server, query, { variables: { id: 'job_1_00000000' } })).json()).toEqual({
    data: { job: null, node: null },
  });
});

test('all fields of a waiting job are available', async () => {
  const server = await serve();
  const { id } = await server.runner.start({ backend: 'SIMULATION', name: 'mine', tags: ['x'], epochs: 7 });
  const { data, errors } = (
    await post(
      server,
      `query ($id: ID!) { job(id: $id) {
        name tags status health trainer backend dataset epochs createdAt startedAt finishedAt queuePosition pid attempt
        progress { jobId status percent epoch step loss metrics gap job { id } }
        checkpoint { path } failure { reason } metrics { name } log { lines { text } }
      } }`,
      { variables: { id } },
    )
  ).json();
  expect(errors).toBeUndefined();
  expect(data?.['job']).toEqual({
    name: 'mine',
    tags: ['x'],
    status: 'QUEUED',
    health: 'OK',
    trainer: 'tabular',
    backend: 'SIMULATION',
    dataset: 'sample.csv',
    epochs: 7,
    createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string,
    startedAt: null,
    finishedAt: null,
    queuePosition: 1,
    pid: null,
    attempt: 1,
    progress: {
      jobId: id,
      status: 'QUEUED',
      percent: 0,
      epoch: 0,
      step: 0,
      loss: null,
      metrics: {},
      gap: false,
      job: { id },
    },
    checkpoint: null,
    failure: null,
    metrics: [],
    log: { lines: [] },
  });
});

const START = `mutation ($input: StartTrainingInput!) { startTraining(input: $input) {
  __typename
  ... on StartTrainingSuccess { job { id } }
  ... on Error { message }
  ... on InvalidInputError { path }
} }`;

test.each([
  [{ epochs: 0 }, 'InvalidInputError', ['input', 'epochs']],
  [{ name: 'two\nlines' }, 'InvalidInputError', ['input', 'name']],
  [{ tags: ['fine', '\u001b[2J'] }, 'InvalidInputError', ['input', 'tags', '1']],
  [{ options: [1] }, 'InvalidInputError', ['input', 'options']],
  [{ options: { nonsense: 1 } }, 'InvalidInputError', ['input', 'options', 'nonsense']],
  [{ dataset: 'missing.csv' }, 'DatasetNotFoundError', undefined],
])('startTraining with %j is a %s', async (input, type, path) => {
  const { data } = (
    await post(await serve(), START, { variables: { input: { backend: 'SIMULATION', ...input } } })
  ).json();
  expect(data?.['startTraining']).toMatchObject({ __typename: type, message: expect.stringMatching(/\.$/) as string });
  expect((data?.['startTraining'] as { path?: string[] }).path).toEqual(path);
});

test('the same idempotencyKey returns the same job, and a different input with it is a conflict', async () => {
  const server = await serve();
  const start = async (input: object) =>
    (
      await post(server, START, { variables: { input: { backend: 'SIMULATION', idempotencyKey: 'k', ...input } } })
    ).json().data?.['startTraining'];
  const first = await start({});
  expect(first).toMatchObject({ __typename: 'StartTrainingSuccess' });
  expect(await start({})).toEqual(first);
  expect(await start({ epochs: 3 })).toMatchObject({ __typename: 'IdempotencyConflictError' });
});

test('a full queue is a QueueFullError', async () => {
  const server = await serve({ runner: { maxRunning: 0, maxQueued: 1 } });
  await queueJob(server.runner);
  const { data } = (await post(server, START, { variables: { input: { backend: 'SIMULATION' } } })).json();
  expect(data?.['startTraining']).toMatchObject({ __typename: 'QueueFullError' });
});

test('a waiting job stops immediately, a second stop has no effect, and an unknown id is a JobNotFoundError', async () => {
  const server = await serve();
  const { id } = await queueJob(server.runner);
  const stop = async (job: string) =>
    (
      await post(
        server,
        `mutation ($id: ID!) { stopTraining(input: { id: $id }) {
          __typename
          ... on StopTrainingSuccess { job { id status } }
          ... on JobNotFoundError { jobId message }
        } }`,
        { variables: { id: job } },
      )
    ).json().data?.['stopTraining'];
  const stopped = { __typename: 'StopTrainingSuccess', job: { id, status: 'STOPPED' } };
  expect(await stop(id)).toEqual(stopped);
  expect(await stop(id)).toEqual(stopped);
  expect(await stop('job_1_00000000')).toMatchObject({ __typename: 'JobNotFoundError', jobId: 'job_1_00000000' });
});

test('trainers and datasets list the valid inputs of startTraining', async () => {
  const { data, errors } = (
    await post(
      await serve(),
      `{ trainers { name title description available unavailableReason backends options versions defaults { epochs batchSize learningRate seed } }
         datasets { name bytes modifiedAt format columns rows problem } }`,
    )
  ).json();
  expect(errors).toBeUndefined();
  expect(data?.['trainers']).toContainEqual(expect.objectContaining({ name: 'tabular', available: true }));
  expect(data?.['datasets']).toContainEqual(
    expect.objectContaining({ name: 'sample.csv', format: 'CSV', rows: 30, problem: null }),
  );
});
