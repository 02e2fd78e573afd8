import { expect, test } from 'vitest';
import type { Runner } from '../../src/runner/index.ts';
import { send } from '../support/api-client.ts';
import { ended, reach } from '../support/runner.ts';
import { codesOf, connect, type GraphQLAnswer, post, queueJob, serve } from '../server/support.ts';

interface Page {
  readonly totalCount: number;
  readonly changesCursor: string;
  readonly edges: readonly { readonly cursor: string; readonly node: { readonly name: string | null } }[];
}

async function list({ url }: { url: string }, variables: object): Promise<Page & { names: (string | null)[] }> {
  const query = `query ($filter: JobFilter, $orderBy: JobOrder, $first: Int, $after: String) {
    jobs(filter: $filter, orderBy: $orderBy, first: $first, after: $after) { totalCount changesCursor edges { cursor node { name } } }
  }`;
  const { data, errors } = await send<{ jobs: Page }>(url, query, variables);
  if (!data) throw new Error(errors?.[0]?.message);
  return { ...data.jobs, names: data.jobs.edges.map(({ node }) => node.name) };
}

/** Three jobs that have trained, of one, two and three epochs, and one that waits. */
async function someJobs(runner: Runner): Promise<string[]> {
  const ids: string[] = [];
  for (const [name, epochs] of [
    ['beta', 1],
    ['Alpha', 2],
    ['gamma', 3],
  ] as const) {
    const { id } = await runner.start({ backend: 'SIMULATION', name, epochs, batchSize: 30, tags: ['t', name] });
    await reach(runner, id, ended);
    ids.push(id);
  }
  return ids;
}

test('jobs can be filtered by text, tags, times and metrics, ordered by any field, and counted', async () => {
  const server = await serve({ runner: { maxRunning: 1 } });
  const ids = await someJobs(server.runner);
  const [beta, alpha] = ids.map((id) => server.runner.get(id));
  const names = async (filter: object, orderBy?: object) => (await list(server, { filter, orderBy })).names;

  expect(await names({ text: 'ALPHA' })).toEqual(['Alpha']);
  expect(await names({ text: 'sample' })).toHaveLength(3);
  expect(await names({ allTags: ['t', 'gamma'] })).toEqual(['gamma']);
  expect(await names({ createdAfter: new Date(beta?.createdAt ?? 0).toISOString() })).toEqual(['gamma', 'Alpha']);
  const end = alpha && 'finishedAt' in alpha.state ? alpha.state.finishedAt : 0;
  expect(await names({ endedAfter: new Date(end).toISOString() })).toEqual(['gamma']);
  expect(await names({}, { field: 'NAME', direction: 'ASC' })).toEqual(['Alpha', 'beta', 'gamma']);
  expect(await names({}, { field: 'ENDED_AT', direction: 'ASC' })).toEqual(['beta', 'Alpha', 'gamma']);

  const losses = server.runner
    .list({ limit: 3 })
    .map(({ request, best }) => ({ name: request.name, loss: best['loss']?.value ?? NaN }))
    .sort((a, b) => a.loss - b.loss);
  const byLoss = { field: 'METRIC', metric: 'loss', direction: 'ASC' };
  expect(await names({}, byLoss)).toEqual(losses.map(({ name }) => name));
  expect(await names({ metrics: [{ name: 'loss', lte: losses[1]?.loss }] }, byLoss)).toEqual(
    losses.slice(0, 2).map(({ name }) => name),
  );
  expect(await names({ metrics: [{ name: 'never reported', lt: 1e9 }] })).toEqual([]);

  const counts = (await post(server, '{ jobCounts { total completed running error } }')).json().data;
  expect(counts).toEqual({ jobCounts: { total: 3, completed: 3, running: 0, error: 0 } });
});

test('pages work in any order, and a cursor of another order is rejected', async () => {
  const server = await serve();
  for (const name of ['c', 'a', 'b', 'a']) await queueJob(server.runner, name);
  const orderBy = { field: 'NAME', direction: 'ASC' };
  const names: (string | null)[] = [];
  let after: string | undefined;
  for (let page = 0; page < 4; page += 1) {
    const { edges } = await list(server, { orderBy, first: 1, after });
    names.push(...edges.map(({ node }) => node.name));
    after = edges.at(-1)?.cursor;
  }
  expect(names).toEqual(['a', 'a', 'b', 'c']);
  await expect(list(server, { first: 1, after })).rejects.toThrow(/in the same order/);
  await expect(list(server, { orderBy: { field: 'METRIC' } })).rejects.toThrow(/metric: "val_loss"/);
});

test('the best value of a metric covers the whole history of a job', async () => {
  const server = await serve({ runner: { maxRunning: 1 } });
  const [id] = await someJobs(server.runner);
  const { data } = (
    await post(
      server,
      'query ($id: ID!) { job(id: $id) { best(names: ["loss"]) { name value step at } metrics(names: ["loss"]) { best { value step at } } } }',
      { variables: { id } },
    )
  ).json();
  const job = data?.['job'] as { best: { name: string }[]; metrics: { best: object }[] };
  expect(job.best).toEqual([{ name: 'loss', ...job.metrics[0]?.best }]);
});

const UPDATE = `mutation ($input: UpdateJobInput!) { updateJob(input: $input) {
  __typename
  ... on UpdateJobSuccess { job { name tags notes } }
  ... on InvalidInputError { path message }
  ... on JobNotFoundError { jobId }
} }`;

async function update(server: { port: number }, input: object): Promise<unknown> {
  return (await post(server, UPDATE, { variables: { input } })).json().data?.['updateJob'];
}

test('name, tags and notes of a job can be changed, and omitted fields stay', async () => {
  const server = await serve();
  const { id } = await queueJob(server.runner, 'first');
  expect(await update(server, { id, notes: 'Learns **well**.' })).toEqual({
    __typename: 'UpdateJobSuccess',
    job: { name: 'first', tags: [], notes: 'Learns **well**.' },
  });
  expect(await update(server, { id, tags: ['a', 'a', 'b'], name: null })).toMatchObject({
    job: { name: null, tags: ['a', 'b'], notes: 'Learns **well**.' },
  });
  expect((await list(server, { filter: { tags: ['b'] } })).totalCount).toBe(1);
  expect(await update(server, { id, tags: [''] })).toMatchObject({ path: ['input', 'tags', '0'] });
  expect(await update(server, { id, notes: 'x'.repeat(10_001) })).toMatchObject({ path: ['input', 'notes'] });
  expect(await update(server, { id: 'job_1_00000000', name: 'x' })).toMatchObject({ __typename: 'JobNotFoundError' });
});

test('a page together with the changes since it was read misses no job', async () => {
  const server = await serve();
  await queueJob(server.runner, 'old');
  const { changesCursor } = await list(server, {});
  const { id } = await queueJob(server.runner, 'new');
  await update(server, { id, notes: 'seen' });

  const feed = connect(server).iterate({
    query: 'subscription ($after: String) { jobsChanged(after: $after) { kind gap jobId job { name notes } } }',
    variables: { after: changesCursor },
  });
  const { value } = (await feed.next()) as IteratorYieldResult<GraphQLAnswer>;
  // The addition and the edit are one change by the time it is read.
  expect(value.data?.['jobsChanged']).toEqual({
    kind: 'ADDED',
    gap: false,
    jobId: id,
    job: { name: 'new', notes: 'seen' },
  });
  await feed.return?.();
});

test.each([
  ['ids', Array.from({ length: 10_001 }, () => 'x')],
  ['text', 'x'.repeat(501)],
])('a filter whose %s cost too much is refused, in a page, a count and a feed', async (field, value) => {
  const filter = { [field]: value };
  const server = await serve();
  const page = await post(server, 'query ($f: JobFilter) { jobs(filter: $f) { totalCount } }', {
    variables: { f: filter },
  });
  const count = await post(server, 'query ($f: JobFilter) { jobCounts(filter: $f) { total } }', {
    variables: { f: filter },
  });
  const feed = await post(server, 'subscription ($f: JobFilter) { jobsChanged(filter: $f) { kind } }', {
    variables: { f: filter },
    headers: { accept: 'text/event-stream' },
  });
  expect(codesOf(page.json())).toEqual(['INVALID_INPUT']);
  expect(codesOf(count.json())).toEqual(['INVALID_INPUT']);
  expect(feed.text).toContain('INVALID_INPUT');
});
