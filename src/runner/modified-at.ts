/** The first and the last moment that a Date can express, Unix ms from 1970. */
const LAST_MOMENT = 8.64e15;

/**
 * When a file was last changed, Unix ms. A time that no Date can express (some file systems keep any 64 bits) is moved to the nearest
 * one that it can: one file with a strange time must not make a whole list unreadable.
 */
export function modifiedAt({ mtimeMs }: { readonly mtimeMs: number }): number {
  return Math.min(LAST_MOMENT, Math.max(-LAST_MOMENT, mtimeMs));
}
