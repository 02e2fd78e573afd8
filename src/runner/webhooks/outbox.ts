import type { ExpressionBuilder, Insertable, Selectable } from 'kysely';
import { type Database, sql as storeSql } from '../store/database.ts';
import type { OutboxTables } from './outbox-table.ts';
import type { DeliveryFilter, DeliveryQuery, WebhookDelivery, WebhookMessage } from './webhook.ts';

/**
 * The durable record of deliveries. A message is added in the transaction that records the change it is about: a server that is killed
 * at any time has recorded both or neither.
 */
export interface Outbox {
  /** Adds messages that are not in it yet, due at once. To be called inside a transaction. */
  add(messages: readonly WebhookMessage[]): void;
  /** The pending deliveries of a webhook that are due, the longest overdue first. */
  due(webhook: string, now: number, limit: number): WebhookDelivery[];
  /** When the next delivery of a webhook is due, Unix ms; null if none is pending. */
  nextAttemptAt(webhook: string): number | null;
  /** Updates a delivery; does nothing if it was deleted with its job. */
  save(delivery: WebhookDelivery): void;
  get(id: string): WebhookDelivery | undefined;
  page(query: DeliveryQuery): WebhookDelivery[];
  count(filter: DeliveryFilter | null | undefined): number;
  /** Fails all pending deliveries of webhooks other than these. */
  failAllExcept(webhooks: readonly string[], reason: string): void;
  /** Deletes delivered and failed deliveries that are older than `before` (Unix ms), or not among the newest `most` of them. */
  prune(before: number, most: number): void;
}

const sql = storeSql.$extendTables<OutboxTables>();

type Row = Selectable<OutboxTables['deliveries']>;

export function createOutbox(database: Database): Outbox {
  const all = () => sql.selectFrom('deliveries').selectAll();
  return {
    add(messages) {
      for (const { id, webhook, event, jobId, payload, at } of messages) {
        const row: Insertable<OutboxTables['deliveries']> = {
          id,
          webhook,
          event,
          job_id: jobId,
          payload,
          at,
          status: 'PENDING',
          attempts: 0,
          next_attempt_at: at,
          last_status_code: null,
          last_error: null,
          delivered_at: null,
        };
        database.run(
          sql
            .insertInto('deliveries')
            .values(row)
            .onConflict((conflict) => conflict.column('id').doNothing()),
        );
      }
    },
    due(webhook, now, limit) {
      const waiting = all().where('webhook', '=', webhook).where('status', '=', 'PENDING');
      return database
        .all(waiting.where('next_attempt_at', '<=', now).orderBy('next_attempt_at').orderBy('number').limit(limit))
        .map(deliveryOf);
    },
    nextAttemptAt(webhook) {
      const [next] = database.all(
        sql
          .selectFrom('deliveries')
          .select('next_attempt_at')
          .where('webhook', '=', webhook)
          .where('status', '=', 'PENDING')
          .orderBy('next_attempt_at')
          .limit(1),
      );
      return next?.next_attempt_at ?? null;
    },
    save({ id, status, attempts, nextAttemptAt, lastStatusCode, lastError, deliveredAt }) {
      const changes = {
        status,
        attempts,
        next_attempt_at: nextAttemptAt,
        last_status_code: lastStatusCode,
        last_error: lastError,
        delivered_at: deliveredAt,
      };
      database.run(sql.updateTable('deliveries').set(changes).where('id', '=', id));
    },
    get: (id) => database.all(all().where('id', '=', id)).map(deliveryOf)[0],
    page({ filter, after, before, limit, fromEnd }) {
      let query = all().where(conditionsOf(filter)).limit(limit);
      if (after != null) query = query.where('number', '<', after);
      if (before != null) query = query.where('number', '>', before);
      const found = database.all(query.orderBy('number', fromEnd ? 'asc' : 'desc')).map(deliveryOf);
      return fromEnd ? found.reverse() : found;
    },
    count(filter) {
      const counted = sql.selectFrom('deliveries').select(({ fn }) => fn.countAll<number>().as('count'));
      return database.all(counted.where(conditionsOf(filter)))[0]?.count ?? 0;
    },
    failAllExcept(webhooks, reason) {
      const others = sql.updateTable('deliveries').set({ status: 'FAILED', next_attempt_at: null, last_error: reason });
      database.run(others.where('status', '=', 'PENDING').where('webhook', 'not in', webhooks));
    },
    prune(before, most) {
      const settled = sql.deleteFrom('deliveries').where('status', '!=', 'PENDING');
      database.run(settled.where('at', '<', before));
      const newest = sql.selectFrom('deliveries').select('number').where('status', '!=', 'PENDING');
      const [last] = database.all(newest.orderBy('number', 'desc').offset(most).limit(1));
      if (last) database.run(settled.where('number', '<=', last.number));
    },
  };
}

function conditionsOf(filter: DeliveryFilter | null | undefined) {
  return ({ eb, and }: ExpressionBuilder<OutboxTables, 'deliveries'>) =>
    and([
      ...(filter?.status == null ? [] : [eb('status', 'in', filter.status)]),
      ...(filter?.jobId == null ? [] : [eb('job_id', '=', filter.jobId)]),
      ...(filter?.webhook == null ? [] : [eb('webhook', '=', filter.webhook)]),
      ...(filter?.event == null ? [] : [eb('event', 'in', filter.event)]),
    ]);
}

function deliveryOf(row: Row): WebhookDelivery {
  return {
    number: row.number,
    id: row.id,
    webhook: row.webhook,
    event: row.event,
    jobId: row.job_id,
    payload: row.payload,
    at: row.at,
    status: row.status,
    attempts: row.attempts,
    nextAttemptAt: row.next_attempt_at,
    lastStatusCode: row.last_status_code,
    lastError: row.last_error,
    deliveredAt: row.delivered_at,
  };
}
