import { isCode } from './read-json.ts';

const CODES = ['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG', 'EACCES'] as const;

/** Whether a path that somebody named leads to nothing that may be read: to its caller all of that is one. */
export function isNotThere(error: unknown): boolean {
  return CODES.some((code) => isCode(error, code));
}
