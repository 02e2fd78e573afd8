import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { send, startTraining } from '../support/api-client.ts';
import { temporaryHome } from '../support/home.ts';
import { ended, reach, startRunner } from '../support/runner.ts';
import { startTestServer } from '../support/server-process.ts';
import { until } from '../support/until.ts';
import { startReceiver } from '../support/webhook-receiver.ts';
import { failCalls } from './failing-calls.ts';

const JOBS = 12;
const DELIVERIES = '{ webhookDeliveries(first: 200) { edges { node { id jobId event status attempts } } } }';

interface Deliveries {
  readonly webhookDeliveries: { readonly edges: readonly { readonly node: Delivery }[] };
}

interface Delivery {
  readonly id: string;
  readonly jobId: string;
  readonly event: string;
  readonly status: string;
  readonly attempts: number;
}

async function readDeliveries(url: string): Promise<Delivery[]> {
  const { data } = await send<Deliveries>(url, DELIVERIES);
  return data?.webhookDeliveries.edges.map(({ node }) => node) ?? [];
}

test('a server killed while jobs end loses no webhook event and duplicates none; the next server delivers them', async () => {
  const receiver = await startReceiver();
  // The receiver refuses the first, so that it waits for another attempt when the server is killed.
  receiver.answer = (response) => response.writeHead(receiver.messages.length === 1 ? 503 : 204).end();
  const home = temporaryHome();
  const file = join(home, 'webhooks.json');
  const { name, url, secret } = receiver.webhook();
  writeFileSync(file, JSON.stringify({ webhooks: [{ name, url, secret, allowPrivateAddresses: true }] }));
  const environment = { TRAINYARD_WEBHOOKS_FILE: file, TRAINYARD_MAX_RUNNING: '3' };

  await using first = await startTestServer({ home, environment });
  const jobs = await Promise.all(
    Array.from({ length: JOBS }, () => startTraining(first.url, { backend: 'SIMULATION', epochs: 2 })),
  );
  await until('some are delivered', () => receiver.messages.length >= 3);
  await first.end('SIGKILL');
  expect(receiver.messages.length).toBeLessThan(JOBS);
  const [waiting] = receiver.messages;

  await using second = await startTestServer({ home, environment });
  const deliveries = await until('all are delivered', async () => {
    const all = await readDeliveries(second.url);
    return all.length === JOBS && all.every(({ status }) => status === 'DELIVERED') && all;
  });
  const ids = jobs.map(({ id }) => id).toSorted();
  expect(deliveries.map(({ jobId }) => jobId).toSorted()).toEqual(ids);
  // At least once: a delivery in progress at the kill may be repeated, with the same id.
  const distinct = new Map(receiver.messages.map((message) => [message.id, message]));
  expect([...distinct.values()].map(({ data }) => data['jobId']).toSorted()).toEqual(ids);
  expect([...distinct.keys()].toSorted()).toEqual(deliveries.map(({ id }) => id).toSorted());
  expect(receiver.messages.filter(({ id }) => id === waiting?.id).length).toBeGreaterThan(1);
});

test.each(['insert into "deliveries"', 'update "deliveries"', 'select * from "deliveries"'])(
  'a database that fails once at %s delays an event, and neither loses nor doubles it',
  async (statement) => {
    const receiver = await startReceiver();
    const home = temporaryHome();
    const runner = await startRunner(home, { webhooks: [receiver.webhook()], webhookRetryWaitsMs: [20] });
    using plan = failCalls(home);
    const { id: before } = await runner.start({ backend: 'SIMULATION', epochs: 1 });
    await reach(runner, before, ended);
    await until('it is delivered', () => runner.notifications.list({ limit: 1 })[0]?.status === 'DELIVERED');
    const call = plan.calls.find((name) => name.startsWith(`sql ${statement}`)) ?? expect.fail('there is no such call');
    plan[Symbol.dispose]();

    using failing = failCalls(home, { call, occurrence: 1, code: 'EIO' });
    const { id } = await runner.start({ backend: 'SIMULATION', epochs: 1 });
    await reach(runner, id, ended);
    await until('it is delivered', () => runner.notifications.list({ limit: 1 })[0]?.status === 'DELIVERED');
    expect(failing.failed).toEqual([call]);
    expect(receiver.messages.map(({ data }) => data['jobId'])).toEqual([before, id]);
  },
);
