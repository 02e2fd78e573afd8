import { expect, test } from 'vitest';
import { codesOf, type GraphQLAnswer, post, queueJob, serve } from '../server/support.ts';

const LIST = `query ($first: Int, $after: String, $last: Int, $before: String, $filter: JobFilter, $orderBy: JobOrder) {
  jobs(first: $first, after: $after, last: $last, before: $before, filter: $filter, orderBy: $orderBy) {
    totalCount
    edges { cursor node { name } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}`;

interface Page {
  readonly names: readonly string[];
  readonly totalCount: number;
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
}

interface Connection extends Page {
  readonly edges: readonly { readonly node: { readonly name: string } }[];
}

async function list(server: { port: number }, variables: object = {}): Promise<Page> {
  const { data } = (await post(server, LIST, { variables })).json() as { data: { jobs: Connection } };
  const { edges, totalCount, pageInfo } = data.jobs;
  return { names: edges.map(({ node }) => node.name), totalCount, pageInfo };
}

async function refusal(server: { port: number }, variables: object): Promise<GraphQLAnswer> {
  return (await post(server, LIST, { variables })).json();
}

test('pages of jobs have no gaps or repeats in either direction, and pageInfo is correct', async () => {
  const server = await serve();
  for (const name of ['a', 'b', 'c', 'd', 'e']) await queueJob(server.runner, name);

  const first = await list(server, { first: 2 });
  expect(first).toMatchObject({
    names: ['e', 'd'],
    totalCount: 5,
    pageInfo: { hasNextPage: true, hasPreviousPage: false },
  });
  const second = await list(server, { first: 2, after: first.pageInfo.endCursor });
  expect(second).toMatchObject({ names: ['c', 'b'], pageInfo: { hasNextPage: true, hasPreviousPage: true } });
  const third = await list(server, { first: 2, after: second.pageInfo.endCursor });
  expect(third).toMatchObject({ names: ['a'], pageInfo: { hasNextPage: false, hasPreviousPage: true } });
  const back = await list(server, { last: 3, before: third.pageInfo.startCursor });
  expect(back).toMatchObject({ names: ['d', 'c', 'b'], pageInfo: { hasNextPage: true, hasPreviousPage: true } });
  const end = await list(server, { last: 2 });
  expect(end).toMatchObject({ names: ['b', 'a'], pageInfo: { hasNextPage: false, hasPreviousPage: true } });
});

test('pages do not shift when jobs are added between two requests', async () => {
  const server = await serve();
  for (const name of ['a', 'b', 'c', 'd']) await queueJob(server.runner, name);
  const first = await list(server, { first: 2 });
  await queueJob(server.runner, 'new');
  expect((await list(server, { first: 2, after: first.pageInfo.endCursor })).names).toEqual(['b', 'a']);
});

test('jobs can be filtered and listed in reverse order', async () => {
  const server = await serve();
  for (const name of ['red one', 'blue', 'Red two']) await queueJob(server.runner, name);
  const page = await list(server, { filter: { name: 'red' }, orderBy: { direction: 'ASC' } });
  expect(page).toMatchObject({ names: ['red one', 'Red two'], totalCount: 2 });
  expect(await list(server, { filter: { status: ['COMPLETED'] } })).toMatchObject({
    names: [],
    totalCount: 0,
    pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null },
  });
});

test.each([
  [{ first: 0 }, /first must be from 1 to 200; it was 0/],
  [{ first: -1 }, /first must be from 1 to 200; it was -1/],
  [{ last: 201 }, /last must be from 1 to 200; it was 201/],
  [{ first: 1, last: 1 }, /first or last, not both/],
  [{ after: 'nonsense' }, /after must be a cursor/],
  [{ before: Buffer.from('1 ../../x').toString('base64url') }, /before must be a cursor/],
])('a page of %j is refused with a sentence', async (variables, message) => {
  const answer = await refusal(await serve(), variables);
  expect(answer.data).toBeNull();
  expect(codesOf(answer)).toEqual(['INVALID_INPUT']);
  expect(answer.errors?.[0]?.message).toMatch(message);
});
