import { randomBytes } from 'node:crypto';
import { type Database, sql } from './database.ts';

/**
 * Numbers the changes of all jobs, and remembers deletions. Numbers increase over the whole life of a home, also if a server is killed,
 * so that a cursor of the feed of all jobs (which encodes such a number) stays valid.
 */
export interface FleetRecord {
  /** The last number that was assigned. */
  readonly newest: number;
  /** Assigns the next number. Only one in a million calls writes to the database. */
  next(): number;
  /** Records deleted jobs. To be called inside a transaction. */
  addRemovals(removals: readonly Removal[]): void;
  /** The recorded deletions, oldest first. */
  loadRemovals(): Removal[];
  /** The cursor, an opaque text, for a position in the order of changes. */
  encode(number: number): string;
  /** The position of a cursor; undefined if it is not a cursor of this home, or if deletions since then are no longer recorded. */
  decode(cursor: string): number | undefined;
}

export interface Removal {
  readonly number: number;
  readonly jobId: string;
}

/** Numbers are reserved in blocks: a server that is killed only loses the rest of its block. */
const BLOCK = 1_000_000;
/** Number of recorded deletions, for clients that were disconnected. */
const MAX_REMOVALS = 10_000;

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
        sql.selectFrom('removals').select('number').orderBy('number', 'desc').offset(MAX_REMOVALS).limit(1),
      );
      if (!oldest) return;
      // A client whose cursor is older may have missed a deletion that is removed from the record now.
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
