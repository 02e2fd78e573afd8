import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createFleetRecord } from '../../../src/runner/store/fleet-record.ts';
import type { WebhookDelivery } from '../../../src/runner/index.ts';
import { createNotifications } from '../../../src/runner/webhooks/notifications.ts';
import { createOutbox } from '../../../src/runner/webhooks/outbox.ts';
import { openDatabase } from '../../../src/runner/store/database.ts';
import { createJobRecord } from '../../../src/runner/store/job-record.ts';
import { temporaryHome } from '../../support/home.ts';
import { recordedLog } from '../../support/runner.ts';
import { until } from '../../support/until.ts';
import { startReceiver } from '../../support/webhook-receiver.ts';
import { aJob } from '../job/a-job.ts';

/** A database with one job for messages. */
function openOutbox() {
  const home = temporaryHome();
  const database = openDatabase(join(home, 'trainyard.db'), home);
  onTestFinished(() => database.close());
  createJobRecord(database, createFleetRecord(database)).add(aJob(), 1, null);
  const outbox = createOutbox(database);
  const add = (id: string, at: number) =>
    outbox.add([{ id, webhook: 'lab', event: 'job.failed', jobId: aJob().id, payload: '{}', at }]);
  const save = (id: string, changes: Partial<WebhookDelivery>) =>
    outbox.save({ ...(outbox.get(id) ?? expect.fail(id)), ...changes });
  const ids = () => outbox.page({ limit: 100 }).map(({ id }) => id);
  return { database, outbox, add, save, ids };
}

test('a message that is added again does not change', () => {
  const { outbox, add, save, ids } = openOutbox();
  add('msg_1', 1);
  save('msg_1', { status: 'DELIVERED', attempts: 1, nextAttemptAt: null });
  add('msg_1', 2);
  expect(ids()).toEqual(['msg_1']);
  expect(outbox.get('msg_1')).toMatchObject({ status: 'DELIVERED', at: 1 });
});

test('the longest overdue delivery comes first, and deliveries that are not due are left out', () => {
  const { outbox, add } = openOutbox();
  for (const [id, at] of [['later', 30] as const, ['second', 20] as const, ['first', 10] as const]) add(id, at);
  expect(outbox.due('lab', 25, 10).map(({ id }) => id)).toEqual(['first', 'second']);
  expect(outbox.due('lab', 25, 1).map(({ id }) => id)).toEqual(['first']);
  expect(outbox.due('other', 25, 10)).toEqual([]);
  expect(outbox.nextAttemptAt('lab')).toBe(10);
  expect(outbox.nextAttemptAt('other')).toBeNull();
});

test('settled deliveries are pruned by age and by number, pending ones are not', () => {
  const { outbox, add, save, ids } = openOutbox();
  for (let number = 1; number <= 6; number++) add(`msg_${number}`, number);
  for (const id of ['msg_1', 'msg_3', 'msg_5']) save(id, { status: 'DELIVERED' });
  save('msg_4', { status: 'FAILED' });
  outbox.prune(2, 100);
  expect(ids()).toEqual(['msg_6', 'msg_5', 'msg_4', 'msg_3', 'msg_2']);
  outbox.prune(2, 2);
  expect(ids()).toEqual(['msg_6', 'msg_5', 'msg_4', 'msg_2']);
  outbox.prune(100, 0);
  expect(ids()).toEqual(['msg_6', 'msg_2']);
});

test('a delivery whose last attempt was interrupted fails and is not sent again', async () => {
  const receiver = await startReceiver();
  const { database, outbox, add, save } = openOutbox();
  add('msg_1', 1);
  save('msg_1', { attempts: 2 });
  const settings = { database, webhooks: [receiver.webhook()], retryWaitsMs: [1], logger: recordedLog() };
  const notifications = createNotifications(settings);
  await until('it fails', () => outbox.get('msg_1')?.status === 'FAILED');
  await notifications.close();
  expect(receiver.messages).toEqual([]);
});
