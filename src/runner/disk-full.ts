/** SQLITE_FULL: https://www.sqlite.org/rescode.html */
const SQLITE_FULL = 13;

/** Whether a write failed because the disk is full: what the system says, or what SQLite makes of it. */
export function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, errcode } = error as { code?: unknown; errcode?: unknown };
  return code === 'ENOSPC' || errcode === SQLITE_FULL;
}
