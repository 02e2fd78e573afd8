import { expect, test } from 'vitest';
import { codesOf, post, queueJob, serve, type TestServer } from '../server/support.ts';
import { until } from '../support/until.ts';
import { startReceiver } from '../support/webhook-receiver.ts';

const LIST = `query ($first: Int, $after: String, $last: Int, $before: String, $filter: WebhookDeliveryFilter) {
  webhookDeliveries(first: $first, after: $after, last: $last, before: $before, filter: $filter) {
    totalCount
    edges { cursor node {
      id webhook event jobId job { id status } status attempts nextAttemptAt lastStatusCode lastError createdAt deliveredAt
    } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}`;
const REDELIVER = `mutation ($id: ID!) { redeliverWebhook(input: { id: $id }) {
  __typename
  ... on RedeliverWebhookSuccess { delivery { id status attempts } }
  ... on Error { message }
  ... on WebhookDeliveryNotFoundError { deliveryId }
} }`;

interface Delivery {
  readonly id: string;
  readonly jobId: string;
  readonly status: string;
}

interface Connection {
  readonly totalCount: number;
  readonly edges: readonly { readonly node: Delivery }[];
  readonly pageInfo: { readonly startCursor: string | null; readonly endCursor: string | null };
}

async function list(server: TestServer, variables: object = {}) {
  const { data } = (await post(server, LIST, { variables })).json() as { data: { webhookDeliveries: Connection } };
  const { edges, ...rest } = data.webhookDeliveries;
  return { ...rest, deliveries: edges.map(({ node }) => node) };
}

async function stopped(server: TestServer): Promise<string> {
  const { id } = await queueJob(server.runner);
  await server.runner.stop(id);
  return id;
}

test('delivered, pending and failed deliveries can be listed and filtered', async () => {
  const receiver = await startReceiver();
  receiver.answer = (response, { path }) => response.writeHead(path === '/taken' ? 204 : 500).end();
  const at = (path: string) => `http://127.0.0.1:${receiver.port}${path}`;
  const server = await serve({
    runner: {
      webhooks: [
        receiver.webhook({ name: 'taken', url: at('/taken') }),
        receiver.webhook({ name: 'waits', url: at('/waits?token=sesame') }),
        receiver.webhook({ name: 'refused', allowPrivateAddresses: false }),
      ],
    },
  });
  const id = await stopped(server);
  const byWebhook = async (webhook: string, isThere: (delivery: Delivery) => boolean) =>
    until(`${webhook} got there`, async () => {
      const { deliveries } = await list(server, { filter: { webhook } });
      return deliveries.find(isThere);
    });
  const base = { event: 'JOB_STOPPED', jobId: id, job: { id, status: 'STOPPED' }, attempts: 1 };
  const time = expect.stringMatching(/^\d{4}-.*Z$/) as string;
  expect(await byWebhook('taken', ({ status }) => status === 'DELIVERED')).toMatchObject({
    ...base,
    lastStatusCode: 204,
    lastError: null,
    nextAttemptAt: null,
    createdAt: time,
    deliveredAt: time,
  });
  expect(
    await byWebhook('waits', (delivery) => 'lastStatusCode' in delivery && delivery.lastStatusCode === 500),
  ).toMatchObject({
    ...base,
    status: 'PENDING',
    lastError: 'The receiver answered 500.',
    nextAttemptAt: time,
    deliveredAt: null,
  });
  expect(await byWebhook('refused', ({ status }) => status === 'FAILED')).toMatchObject({
    ...base,
    lastStatusCode: null,
    lastError: expect.stringContaining('127.0.0.1 is not an address on the public internet') as string,
    nextAttemptAt: null,
  });

  const names = async (filter: object) =>
    (await list(server, { filter })).deliveries.map((delivery) => (delivery as Delivery & { webhook: string }).webhook);
  expect(await names({ status: ['FAILED', 'PENDING'] })).toEqual(['refused', 'waits']);
  expect(await names({ jobId: id, event: ['JOB_STOPPED'] })).toEqual(['refused', 'waits', 'taken']);
  expect(await names({ jobId: 'job_1_00000000' })).toEqual([]);
  expect(await names({ event: ['JOB_COMPLETED'] })).toEqual([]);
  expect(JSON.stringify([(await list(server)).deliveries, server.log])).not.toMatch(/sesame|whsec_/);
});

test('webhooks are shown by name and origin, without the rest of their address', async () => {
  const receiver = await startReceiver();
  const server = await serve({ runner: { webhooks: [receiver.webhook({ events: ['job.failed'] })] } });
  const { text } = await post(server, '{ webhooks { name origin events gone } }');
  expect(JSON.parse(text)).toEqual({
    data: {
      webhooks: [{ name: 'lab', origin: `http://127.0.0.1:${receiver.port}`, events: ['JOB_FAILED'], gone: false }],
    },
  });
});

test('deliveries can be paginated in both directions', async () => {
  const receiver = await startReceiver();
  const server = await serve({ runner: { webhooks: [receiver.webhook()] } });
  const ids = [];
  for (let index = 0; index < 5; index++) ids.unshift(await stopped(server));
  const jobsOf = (page: { deliveries: readonly Delivery[] }) => page.deliveries.map(({ jobId }) => jobId);

  const first = await list(server, { first: 2 });
  expect(first).toMatchObject({ totalCount: 5, pageInfo: { hasNextPage: true, hasPreviousPage: false } });
  const second = await list(server, { first: 2, after: first.pageInfo.endCursor });
  const third = await list(server, { first: 2, after: second.pageInfo.endCursor });
  expect([first, second, third].flatMap(jobsOf)).toEqual(ids);
  expect(third).toMatchObject({ pageInfo: { hasNextPage: false, hasPreviousPage: true } });
  expect(jobsOf(await list(server, { last: 2, before: third.pageInfo.startCursor }))).toEqual(ids.slice(2, 4));
  expect(jobsOf(await list(server, { last: 2 }))).toEqual(ids.slice(3));

  const refused = async (variables: object) => codesOf((await post(server, LIST, { variables })).json());
  expect(await refused({ first: 201 })).toEqual(['INVALID_INPUT']);
  expect(await refused({ after: 'nonsense' })).toEqual(['INVALID_INPUT']);
});

test('a delivery can be resent manually, with the same id', async () => {
  const receiver = await startReceiver();
  const server = await serve({ runner: { webhooks: [receiver.webhook()] } });
  await stopped(server);
  const redeliver = async (id: string) =>
    (await post(server, REDELIVER, { variables: { id } })).json().data?.['redeliverWebhook'];
  await until('it is delivered', async () => (await list(server)).deliveries[0]?.status === 'DELIVERED');
  const id = receiver.messages[0]?.id ?? '';
  expect(await redeliver(id)).toMatchObject({ delivery: { id, status: 'PENDING' } });
  await until('it is delivered again', () => receiver.messages.length === 2);
  expect(receiver.messages[1]).toMatchObject({ id, body: receiver.messages[0]?.body });
  expect(await redeliver('msg_0')).toMatchObject({ __typename: 'WebhookDeliveryNotFoundError', deliveryId: 'msg_0' });
});
