import { expect, test } from 'vitest';
import { post, queueJob, serve } from '../server/support.ts';
import { until } from '../support/until.ts';

const START = `mutation ($input: StartTrainingInput!) { startTraining(input: $input) {
  __typename
  ... on StartTrainingSuccess { job { id priority gpus gpuDevices retryAt } }
  ... on InvalidInputError { message path }
} }`;
const RESUME = `mutation ($input: ResumeTrainingInput!) { resumeTraining(input: $input) {
  __typename
  ... on ResumeTrainingSuccess { job { id status attempt epochs } }
  ... on JobNotEndedError { status }
  ... on Error { message }
} }`;
const DELETE = `mutation ($input: DeleteJobsInput!) { deleteJobs(input: $input) {
  __typename
  ... on DeleteJobsSuccess { deletedIds }
  ... on InvalidInputError { path }
} }`;

test('a start accepts priority, GPUs, a retry policy and limits, and the job shows them', async () => {
  const server = await serve({ runner: { gpus: ['0', '1'] } });
  const start = async (input: object) => {
    const { data } = (await post(server, START, { variables: { input: { backend: 'SIMULATION', ...input } } })).json();
    return data?.['startTraining'];
  };
  const retry = { limit: 3, on: ['SIGNAL', 'VANISHED'], backoffSeconds: 0.5 };
  expect(await start({ priority: 7, gpus: 2, retry, timeLimitSeconds: 60, stallLimitSeconds: 5.5 })).toMatchObject({
    job: { priority: 7, gpus: 2, gpuDevices: [], retryAt: null },
  });
  expect(server.runner.list({ limit: 1 })[0]?.request).toMatchObject({
    retry,
    timeLimitSeconds: 60,
    stallLimitSeconds: 5.5,
  });
  expect(await start({ gpus: 3 })).toMatchObject({ path: ['input', 'gpus'] });
  expect(await start({ priority: 1001 })).toMatchObject({ path: ['input', 'priority'] });
  expect(await start({ retry: { limit: -1 } })).toMatchObject({ path: ['input', 'retry', 'limit'] });
  expect(await start({ retry: { limit: 1, backoffSeconds: -1 } })).toMatchObject({
    path: ['input', 'retry', 'backoffSeconds'],
  });
  expect(await start({ timeLimitSeconds: 0 })).toMatchObject({ path: ['input', 'timeLimitSeconds'] });
});

test('an ended job can be resumed; an active or unknown job cannot', async () => {
  const server = await serve();
  const { id } = await queueJob(server.runner);
  const resume = async (input: object) =>
    (await post(server, RESUME, { variables: { input } })).json().data?.['resumeTraining'];
  expect(await resume({ id })).toMatchObject({ __typename: 'JobNotEndedError', status: 'QUEUED' });
  await server.runner.stop(id);
  expect(await resume({ id, epochs: 12 })).toMatchObject({ job: { id, status: 'QUEUED', attempt: 2, epochs: 12 } });
  expect(await resume({ id: 'job_1_00000000' })).toMatchObject({ __typename: 'JobNotFoundError' });
});

test('a filter with a condition deletes jobs, but only ended ones', async () => {
  const server = await serve();
  const [gone, waits] = [await queueJob(server.runner, 'x'), await queueJob(server.runner, 'x')];
  await server.runner.stop(gone.id);
  const remove = async (filter: object) =>
    (await post(server, DELETE, { variables: { input: { filter } } })).json().data?.['deleteJobs'];
  expect(await remove({})).toMatchObject({ path: ['input', 'filter'] });
  expect(await remove({ endedBefore: '2020-01-01T00:00:00Z' })).toMatchObject({ deletedIds: [] });
  expect(await remove({ name: 'x' })).toMatchObject({ deletedIds: [gone.id] });
  await until('one is left', () => server.runner.count() === 1 && server.runner.get(waits.id));
});
