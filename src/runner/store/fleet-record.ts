import { randomBytes } from 'node:crypto';
import { type Database, sql } from './database.ts';

/**
 * The numbers of changes. They rise for as long as the home exists, however its servers end, so that a cursor (which is such a
 * number) never goes back.
 */
export interface FleetRecord {
  /** The number given out last. */
  readonly newest: number;
  /** The next number. Writes to the database once in a great many calls. */
  next(): number;
  /** Notes that jobs were deleted; to be called inside a transaction. */
  addRemovals(removals: readonly Removal[]): void;
  /** Those deletions that are still known, oldest first. */
  loadRemovals(): Removal[];
  /** A place in the order of changes as opaque text. */
  encode(number: number): string;
  /** The place that `cursor` names; undefined when it is none of this home, or what came since is not known any more. */
  decode(cursor: string): number | undefined;
}

export interface Removal {
  readonly number: number;
  readonly jobId: string;
}

/** Numbers are reserved in blocks: a server that is killed wastes the rest of its block, and nothing else. */
const BLOCK = 1_000_000;
/** So many deletions are remembered, for those who were away. */
const MOST_REMOVALS = 10_000;

interface FleetRow {
  readonly home: string;
  readonly ceiling: number;
  readonly floor: number;
}

export function createFleetRecord(database: Database): FleetRecord {
  const [row] = database.all(sql.selectFrom('fleet').selectAll()) as FleetRow[];
  const home = row?.home ?? randomBytes(4).toString('hex');
  let newest = row?.ceiling ?? 0;
  let ceiling = newest;
  let floor = row?.floor ?? 0;
  if (!row) database.run(sql.insertInto('fleet').values({ home, ceiling, floor }));

  return {
    get newest() {
      return newest;
    },
    next() {
      if (newest >= ceiling) {
        // Recorded before any of them is used.
        database.run(sql.updateTable('fleet').set({ ceiling: ceiling + BLOCK }));
        ceiling += BLOCK;
      }
      newest += 1;
      return newest;
    },
    addRemovals(removals) {
      for (const { number, jobId } of removals) {
        database.run(sql.insertInto('removals').values({ number, job_id: jobId }));
      }
      const [oldest] = database.all(
        sql.selectFrom('removals').select('number').orderBy('number', 'desc').offset(MOST_REMOVALS).limit(1),
      );
      if (!oldest) return;
      // Whoever has seen no more than this may have missed a deletion that is forgotten now.
      floor = oldest.number;
      database.run(sql.deleteFrom('removals').where('number', '<=', floor));
      database.run(sql.updateTable('fleet').set({ floor }));
    },
    loadRemovals() {
      return database
        .all(sql.selectFrom('removals').selectAll().orderBy('number'))
        .map((removal) => ({ number: removal.number, jobId: removal.job_id }));
    },
    encode: (number) => Buffer.from(`jobs:${home}:${number}`).toString('base64url'),
    decode(cursor) {
      const match = /^jobs:([0-9a-f]{8}):(\d{1,15})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1'));
      const number = Number(match?.[2]);
      return match?.[1] === home && number >= floor && number <= newest ? number : undefined;
    },
  };
}
