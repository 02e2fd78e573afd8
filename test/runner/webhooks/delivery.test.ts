import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Job, Runner, WebhookDelivery } from '../../../src/runner/index.ts';
import { temporaryHome } from '../../support/home.ts';
import { ended, reach, recordedLog, running, startRunner } from '../../support/runner.ts';
import { until } from '../../support/until.ts';
import { startReceiver } from '../../support/webhook-receiver.ts';
import { trainerOf } from '../../support/local-processes.ts';

const SHORT = { backend: 'SIMULATION', epochs: 2 } as const;
const LONG = { backend: 'SIMULATION', epochs: 100_000 } as const;

const deliveries = (runner: Runner): readonly WebhookDelivery[] => runner.notifications.list({ limit: 100 });

/** Waits until the newest delivery matches `what`. */
function reachDelivery(runner: Runner, what: (delivery: WebhookDelivery) => boolean): Promise<WebhookDelivery> {
  return until('the delivery got there', () => deliveries(runner).find(what));
}

/** A job that is stopped while it waits: the fastest way to an end. */
async function stoppedJob(runner: Runner, input: { name?: string; tags?: readonly string[] } = {}): Promise<string> {
  const { id } = await runner.start({ ...SHORT, ...input });
  await runner.stop(id);
  return id;
}

test('the end of a job is sent once, signed, with its numbers', async () => {
  const receiver = await startReceiver();
  const runner = await startRunner(temporaryHome(), { webhooks: [receiver.webhook()] });
  const { id } = await runner.start({ ...SHORT, name: 'first', tags: ['nightly'] });
  const delivery = await reachDelivery(runner, ({ status }) => status === 'DELIVERED');
  expect(receiver.messages).toMatchObject([
    {
      id: delivery.id,
      path: '/hook?token=sesame',
      headers: { 'content-type': 'application/json' },
      type: 'job.completed',
      data: { jobId: id, name: 'first', tags: ['nightly'], status: 'COMPLETED', attempt: 1, failure: null },
    },
  ]);
  expect(receiver.messages[0]?.data).toMatchObject({
    simulation: true,
    progress: { percent: 100, epoch: 2, epochs: 2, metrics: { loss: expect.any(Number) as number } },
    checkpoint: `models/${id}.txt`,
  });
  expect(delivery).toMatchObject({
    webhook: 'lab',
    attempts: 1,
    lastStatusCode: 204,
    lastError: null,
    nextAttemptAt: null,
  });
});

test('a failure is sent with its reason; one that will be retried is sent as job.retrying', async () => {
  const receiver = await startReceiver();
  const runner = await startRunner(temporaryHome(), { webhooks: [receiver.webhook()] });
  const { id } = await runner.start({ ...LONG, retry: { limit: 1, backoffSeconds: 3600 } });
  process.kill(trainerOf(await reach(runner, id, running))?.pid ?? NaN, 'SIGKILL');
  await until('the failure is sent', () => receiver.messages.length === 1);
  expect(receiver.messages[0]).toMatchObject({
    type: 'job.retrying',
    data: { status: 'ERROR', failure: { reason: 'SIGNAL', signal: 'SIGKILL' }, retryAt: expect.any(String) as string },
  });
  await runner.stop(id);
  await until('the end is sent', () => receiver.messages.length === 2);
  expect(receiver.messages[1]).toMatchObject({ type: 'job.failed', data: { jobId: id, retryAt: null } });
});

test('a stall is sent once, also if the next server detects it again, and then the end', async () => {
  const receiver = await startReceiver();
  const home = temporaryHome();
  const settings = { webhooks: [receiver.webhook()], stalledAfterMs: 300 };
  const first = await startRunner(home, settings);
  const { id } = await first.start(LONG);
  process.kill(trainerOf(await reach(first, id, running))?.pid ?? NaN, 'SIGSTOP');
  // On a busy machine the job may have stalled before, and reported again; what counts is the stall after its last report.
  const stalled = ({ health, sequence }: Job) => {
    const file = readFileSync(join(home, 'artifacts', 'jobs', `${id}.json`), 'utf8');
    return health === 'STALLED' && sequence === (JSON.parse(file) as { sequence: number }).sequence;
  };
  await reach(first, id, stalled);
  const sent = deliveries(first).map((delivery) => delivery.id);
  await until('it is delivered', () => deliveries(first).every(({ status }) => status === 'DELIVERED'));
  expect(receiver.messages.at(-1)).toMatchObject({ type: 'job.stalled', data: { jobId: id, health: 'STALLED' } });
  await first[Symbol.asyncDispose]();

  const second = await startRunner(home, settings);
  await reach(second, id, stalled);
  expect(deliveries(second).map((delivery) => delivery.id)).toEqual(sent);
  await second.stop(id, { graceSeconds: 0 });
  await until('the end is sent', () => receiver.messages.at(-1)?.type === 'job.stopped');
  expect(receiver.messages).toHaveLength(sent.length + 1);
});

test('each webhook gets the events and the jobs that it subscribes to', async () => {
  const receiver = await startReceiver();
  const runner = await startRunner(temporaryHome(), {
    maxRunning: 0,
    webhooks: [
      receiver.webhook({ name: 'all' }),
      receiver.webhook({ name: 'failures', events: ['job.failed'] }),
      receiver.webhook({ name: 'nightly', filter: { tags: ['nightly'] } }),
    ],
  });
  const other = await stoppedJob(runner);
  const nightly = await stoppedJob(runner, { tags: ['nightly'] });
  await until('all is delivered', () => deliveries(runner).every(({ status }) => status === 'DELIVERED'));
  expect(deliveries(runner).map(({ webhook, jobId }) => [webhook, jobId])).toEqual([
    ['nightly', nightly],
    ['all', nightly],
    ['all', other],
  ]);
  expect(new Set(receiver.messages.map(({ id }) => id)).size).toBe(3);
});

test('a delivery is retried until it succeeds, with the same content and a new signature', async () => {
  const receiver = await startReceiver();
  const answers = [500, 302, 204];
  receiver.answer = (response) =>
    response.writeHead(answers[receiver.messages.length - 1] ?? 204, { location: `${receiver.url}&moved` }).end();
  const runner = await startRunner(temporaryHome(), {
    maxRunning: 0,
    webhooks: [receiver.webhook()],
    webhookRetryWaitsMs: [20, 20, 20],
  });
  await stoppedJob(runner);
  const delivery = await reachDelivery(runner, ({ status }) => status === 'DELIVERED');
  expect(delivery).toMatchObject({ attempts: 3, lastStatusCode: 204, lastError: null });
  expect(receiver.messages).toHaveLength(3);
  // No redirect was followed: all went to the one address.
  expect(new Set(receiver.messages.map(({ id, body, path }) => [id, body, path].join())).size).toBe(1);
});

test('after the last attempt a delivery fails, with the last status code and error', async () => {
  const receiver = await startReceiver();
  receiver.answer = (response) => response.writeHead(503).end('busy');
  const logger = recordedLog();
  const runner = await startRunner(temporaryHome(), {
    maxRunning: 0,
    logger,
    webhooks: [receiver.webhook()],
    webhookRetryWaitsMs: [20, 20],
  });
  await stoppedJob(runner);
  const delivery = await reachDelivery(runner, ({ status }) => status === 'FAILED');
  expect(delivery).toMatchObject({
    attempts: 3,
    lastStatusCode: 503,
    lastError: 'The receiver answered 503.',
    nextAttemptAt: null,
    deliveredAt: null,
  });
  expect(receiver.messages).toHaveLength(3);
  expect(logger.lines.map(({ message }) => message)).toContain('webhook delivery failed');
  expect(JSON.stringify(logger.lines)).not.toMatch(/sesame|whsec_/);
});

test('nothing is sent to a receiver that answered 410 Gone, until a user redelivers', async () => {
  const receiver = await startReceiver();
  receiver.answer = (response) => response.writeHead(410).end();
  const runner = await startRunner(temporaryHome(), {
    maxRunning: 0,
    webhooks: [receiver.webhook()],
    webhookRetryWaitsMs: [20],
  });
  await stoppedJob(runner);
  const first = await reachDelivery(runner, ({ status }) => status === 'FAILED');
  expect(first.lastStatusCode).toBe(410);
  expect(runner.notifications.webhooks).toMatchObject([{ name: 'lab', gone: true }]);
  const second = await stoppedJob(runner);
  await reachDelivery(runner, ({ jobId, status }) => jobId === second && status === 'FAILED');
  expect(receiver.messages).toHaveLength(1);

  receiver.answer = (response) => response.writeHead(200).end();
  expect(runner.notifications.redeliver(first.id)).toMatchObject({ status: 'PENDING' });
  await reachDelivery(runner, ({ id, status }) => id === first.id && status === 'DELIVERED');
  expect(receiver.messages.map(({ id }) => id)).toEqual([first.id, first.id]);
  expect(runner.notifications.webhooks).toMatchObject([{ gone: false }]);
});

test('a delivery that a user redelivers during its last attempt is sent again, even if that attempt fails', async () => {
  const receiver = await startReceiver();
  const first = Promise.withResolvers<ServerResponse>();
  receiver.answer = (response) => first.resolve(response);
  const runner = await startRunner(temporaryHome(), {
    maxRunning: 0,
    webhooks: [receiver.webhook()],
    webhookRetryWaitsMs: [],
  });
  await stoppedJob(runner);
  const response = await first.promise;
  receiver.answer = (another) => another.writeHead(204).end();
  runner.notifications.redeliver(deliveries(runner)[0]?.id ?? '');
  response.writeHead(500).end();
  await reachDelivery(runner, ({ status }) => status === 'DELIVERED');
  expect(receiver.messages).toHaveLength(2);
});

test.each([
  'https://127.0.0.1:PORT/',
  'https://10.0.0.1/',
  'https://169.254.169.254/latest/meta-data',
  'https://[::ffff:127.0.0.1]:PORT/',
  'https://[::1]:PORT/',
  'https://2130706433:PORT/',
  'https://localhost:PORT/',
])('nothing is sent to %s unless that is allowed, and it can be seen why', async (url) => {
  const receiver = await startReceiver();
  const webhook = receiver.webhook({ url: url.replace('PORT', String(receiver.port)), allowPrivateAddresses: false });
  const runner = await startRunner(temporaryHome(), { maxRunning: 0, webhooks: [webhook] });
  await stoppedJob(runner);
  const delivery = await reachDelivery(runner, ({ status }) => status === 'FAILED');
  expect(delivery.lastError).toMatch(/ is not an address on the public internet, .*allowPrivateAddresses/);
  expect(delivery).toMatchObject({ attempts: 1, lastStatusCode: null });
});

test('an endless answer is cut off, and its status counts', async () => {
  const receiver = await startReceiver();
  let isCut = false;
  receiver.answer = (response) => {
    response.writeHead(200);
    response.on('close', () => (isCut = true));
    const pour = () => {
      while (!response.destroyed && response.write(Buffer.alloc(16 * 1024)));
    };
    response.on('drain', pour);
    pour();
  };
  const runner = await startRunner(temporaryHome(), { maxRunning: 0, webhooks: [receiver.webhook()] });
  await stoppedJob(runner);
  await reachDelivery(runner, ({ status }) => status === 'DELIVERED');
  await until('the connection is cut', () => isCut);
});

test('a receiver that hangs delays no other, and its attempt is aborted when the runner closes', async () => {
  const [hanging, quick] = [await startReceiver(), await startReceiver()];
  const held = new Set<unknown>();
  hanging.answer = (response) => void held.add(response);
  const home = temporaryHome();
  const webhooks = [hanging.webhook({ name: 'hanging' }), quick.webhook({ name: 'quick' })];
  const first = await startRunner(home, { maxRunning: 0, webhooks });
  const ids = [];
  for (let index = 0; index < 6; index++) ids.push(await stoppedJob(first));
  await until(
    'the quick one has all',
    () => first.notifications.count({ webhook: 'quick', status: ['DELIVERED'] }) === 6,
  );
  await until('the hanging one has as many as it may', () => held.size === 4);
  await first[Symbol.asyncDispose]();

  hanging.answer = (response) => response.writeHead(204).end();
  const second = await startRunner(home, { maxRunning: 0, webhooks });
  await until('all is delivered', () => deliveries(second).every(({ status }) => status === 'DELIVERED'));
  expect(deliveries(second).every(({ attempts }) => attempts === 1)).toBe(true);
  expect(new Set(hanging.messages.map(({ data }) => data['jobId']))).toEqual(new Set(ids));
  expect(quick.messages).toHaveLength(ids.length);
});

test('pending deliveries of a removed webhook fail, and can be redelivered once it is configured again', async () => {
  const receiver = await startReceiver();
  receiver.answer = (response) => response.writeHead(500).end();
  const home = temporaryHome();
  const settings = { maxRunning: 0, webhooks: [receiver.webhook()] };
  const first = await startRunner(home, settings);
  await stoppedJob(first);
  const { id } = await reachDelivery(first, ({ lastStatusCode }) => lastStatusCode === 500);
  await first[Symbol.asyncDispose]();

  const second = await startRunner(home, { maxRunning: 0 });
  expect(deliveries(second)).toMatchObject([{ status: 'FAILED', lastError: 'This webhook is no longer configured.' }]);
  expect(() => second.notifications.redeliver(id)).toThrow('No webhook is named "lab" any more.');
  expect(() => second.notifications.redeliver('msg_0')).toThrow('There is no delivery "msg_0".');
  await second[Symbol.asyncDispose]();

  receiver.answer = (response) => response.writeHead(204).end();
  const third = await startRunner(home, settings);
  third.notifications.redeliver(id);
  await reachDelivery(third, ({ status }) => status === 'DELIVERED');
});

test('deliveries are deleted with their job', async () => {
  const receiver = await startReceiver();
  const runner = await startRunner(temporaryHome(), { webhooks: [receiver.webhook()] });
  const { id } = await runner.start(SHORT);
  await reach(runner, id, ended);
  await reachDelivery(runner, ({ status }) => status === 'DELIVERED');
  await runner.deleteJobs({ ids: [id] });
  expect(deliveries(runner)).toEqual([]);
  expect(runner.notifications.count()).toBe(0);
});
