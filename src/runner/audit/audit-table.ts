import type { Generated } from 'kysely';
import type { AuditOutcome } from './audit.ts';
import type { Role } from './role.ts';

/** The table that the audit log owns. */
export type AuditTables = { audit: AuditTable };

/** One `AuditEntry` a row. */
interface AuditTable {
  number: Generated<number>;
  at: number;
  user: string | null;
  role: Role;
  action: string;
  /** A JSON list. */
  targets: string;
  address: string;
  request_id: string;
  outcome: AuditOutcome;
  code: string | null;
}
