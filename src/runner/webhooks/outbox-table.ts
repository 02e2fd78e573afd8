import type { Generated } from 'kysely';
import type { DeliveryStatus, WebhookEvent } from './webhook.ts';

/** The tables that the outbox owns. */
export type OutboxTables = { deliveries: DeliveriesTable };

/** One row for each `WebhookDelivery`. */
interface DeliveriesTable {
  number: Generated<number>;
  id: string;
  webhook: string;
  event: WebhookEvent;
  job_id: string;
  payload: string;
  at: number;
  status: DeliveryStatus;
  attempts: number;
  next_attempt_at: number | null;
  last_status_code: number | null;
  last_error: string | null;
  delivered_at: number | null;
}
