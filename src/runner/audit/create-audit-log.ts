import type { Selectable } from 'kysely';
import { shorten } from '../job/shorten.ts';
import { type Database, sql as storeSql } from '../store/database.ts';
import { type AuditEntry, type AuditLog, MAX_TARGETS } from './audit.ts';
import type { AuditTables } from './audit-table.ts';

const sql = storeSql.$extendTables<AuditTables>();

/** Entries that are kept: changes that succeeded, and attempts that did not. */
export interface AuditRetention {
  readonly succeeded: number;
  readonly others: number;
}

const DEFAULT_RETENTION: AuditRetention = { succeeded: 100_000, others: 10_000 };
/** The oldest entries are removed once in this many additions. */
const PRUNE_EVERY = 1_000;
const MAX_TARGET_LENGTH = 256;

export function createAuditLog(database: Database, retention: AuditRetention = DEFAULT_RETENTION): AuditLog {
  let added = 0;

  function prune(kept: number, comparison: '=' | '!='): void {
    const [last] = database.all(
      sql
        .selectFrom('audit')
        .select('number')
        .where('outcome', comparison, 'SUCCEEDED')
        .orderBy('number', 'desc')
        .offset(kept)
        .limit(1),
    );
    if (!last) return;
    database.run(sql.deleteFrom('audit').where('outcome', comparison, 'SUCCEEDED').where('number', '<=', last.number));
  }

  function pruneAll(): void {
    prune(retention.succeeded, '=');
    prune(retention.others, '!=');
  }

  pruneAll();
  return {
    add({ targets, requestId, ...entry }) {
      const shown = targets.slice(0, MAX_TARGETS).map((target) => shorten(target, MAX_TARGET_LENGTH));
      database.run(
        sql
          .insertInto('audit')
          .values({ ...entry, at: Date.now(), request_id: requestId, targets: JSON.stringify(shown) }),
      );
      added += 1;
      if (added % PRUNE_EVERY === 0) pruneAll();
    },
    list({ after, before, limit, fromEnd }) {
      let query = sql.selectFrom('audit').selectAll().limit(limit);
      if (after != null) query = query.where('number', '<', after);
      if (before != null) query = query.where('number', '>', before);
      const found = database.all(query.orderBy('number', fromEnd ? 'asc' : 'desc')).map(entryOf);
      return fromEnd ? found.reverse() : found;
    },
  };
}

function entryOf({ request_id: requestId, targets, ...row }: Selectable<AuditTables['audit']>): AuditEntry {
  return { ...row, requestId, targets: JSON.parse(targets) as string[] };
}
