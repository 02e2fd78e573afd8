/** SQLITE_FULL: https://www.sqlite.org/rescode.html */
const SQLITE_FULL = 13;

/** System errors for a path that does not lead to a readable file. */
const NOT_THERE = ['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG', 'EACCES'] as const;

/** Whether `error` is a system error with this code, for example `ENOENT`. */
export function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === code;
}

/** Whether a path does not lead to a readable file: for example a missing file, a loop of links, or a name that is too long. */
export function isNotThere(error: unknown): boolean {
  return NOT_THERE.some((code) => isCode(error, code));
}

/** Whether a write failed because the disk is full, as reported by the operating system or by SQLite. */
export function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return isCode(error, 'ENOSPC') || (error as { errcode?: unknown }).errcode === SQLITE_FULL;
}
