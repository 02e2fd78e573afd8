import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';

const SQLITE_BUSY = 5;

/**
 * Waits until no other process holds the lock at `path`, and takes it. Dispose to let go.
 *
 * It is SQLite's own file lock, because the kernel drops that when its holder dies, however it dies: there is no stale
 * lock to clean up. (Node itself offers no `flock`.)
 *
 * @param onWait called once when somebody else has it
 * @throws `signal.reason` when aborted while waiting
 */
export async function acquireLock(
  path: string,
  { onWait, signal }: { onWait?: () => void; signal?: AbortSignal | undefined } = {},
): Promise<Disposable> {
  mkdirSync(dirname(path), { recursive: true });
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    for (let waited = false; ; waited = true) {
      if (tryLock(database)) break;
      if (!waited) onWait?.();
      await delay(200, undefined, signal === undefined ? {} : { signal });
    }
  } catch (error) {
    database.close();
    throw signal?.aborted === true ? signal.reason : error;
  }
  return {
    [Symbol.dispose]() {
      if (database.isOpen) database.close();
    },
  };
}

function tryLock(database: DatabaseSync): boolean {
  try {
    database.exec('BEGIN EXCLUSIVE');
    return true;
  } catch (error) {
    if ((error as { errcode?: number }).errcode === SQLITE_BUSY) return false;
    throw error;
  }
}
