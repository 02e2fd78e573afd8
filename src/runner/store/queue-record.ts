import { type GroupSettings } from '../job/group.ts';
import { type Database, sql as storeSql } from './database.ts';

/** The table that this record owns. */
type QueueTables = { queue_groups: QueueGroupsTable };

interface QueueGroupsTable {
  /** Empty for the whole queue, because no group has an empty name. */
  name: string;
  is_paused: 0 | 1;
  max_running: number | null;
}

const sql = storeSql.$extendTables<QueueTables>();
const WHOLE_QUEUE = '';

/** The settings of the queue that a restart keeps: what is paused, and the limits of groups. */
export interface QueueRecord {
  load(): { readonly isPaused: boolean; readonly groups: ReadonlyMap<string, GroupSettings> };
  setPaused(isPaused: boolean): void;
  setGroup(name: string, settings: GroupSettings): void;
}

export function createQueueRecord(database: Database): QueueRecord {
  function set(name: string, { isPaused, limit }: GroupSettings): void {
    const values = { name, is_paused: isPaused ? (1 as const) : (0 as const), max_running: limit };
    // Default settings need no row.
    if (!isPaused && limit === null) database.run(sql.deleteFrom('queue_groups').where('name', '=', name));
    else database.run(sql.replaceInto('queue_groups').values(values));
  }

  return {
    load() {
      const rows = database
        .all(sql.selectFrom('queue_groups').selectAll())
        .map((row) => [row.name, { isPaused: row.is_paused === 1, limit: row.max_running }] as const);
      const groups = new Map<string, GroupSettings>(rows);
      const isPaused = groups.get(WHOLE_QUEUE)?.isPaused ?? false;
      groups.delete(WHOLE_QUEUE);
      return { isPaused, groups };
    },
    setPaused: (isPaused) => set(WHOLE_QUEUE, { isPaused, limit: null }),
    setGroup: set,
  };
}
