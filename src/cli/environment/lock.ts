import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';

const SQLITE_BUSY = 5;

/**
 * Acquires the lock at `path`, after waiting for other processes that hold it. Dispose to release.
 *
 * It uses SQLite's file lock, because the kernel releases that lock when the holder dies for any reason: no stale locks remain. (Node has no
 * `flock`.)
 *
 * @param onWait called once when another process holds the lock
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
