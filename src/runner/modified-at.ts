/** The latest time that a Date can express, Unix ms; the earliest is its negative. */
const MAX_TIME = 8.64e15;

/**
 * When a file was last changed, Unix ms. A time that a Date cannot express (some file systems store any 64 bits) is clamped: one file
 * with an invalid time must not make a whole list fail.
 */
export function modifiedAt({ mtimeMs }: { readonly mtimeMs: number }): number {
  return Math.min(MAX_TIME, Math.max(-MAX_TIME, mtimeMs));
}
