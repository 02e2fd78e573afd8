import { InvalidInputError } from './errors.ts';

/** The settings of a group of jobs. */
export interface GroupSettings {
  /** No job of it starts. */
  readonly isPaused: boolean;
  /** Maximum number of its jobs that run at once; null for no limit of its own. */
  readonly limit: number | null;
}

/** A group without settings. */
export const OPEN_GROUP: GroupSettings = { isPaused: false, limit: null };

/** Bounds of the limit of a group. */
export const GROUP_LIMITS = [1, 100_000] as const;

const GROUP_NAME = /^[\p{L}\p{N}][\p{L}\p{N}._-]{0,63}$/u;

/** @throws InvalidInputError if `name` cannot be the name of a group */
export function checkGroupName(name: string, path: readonly string[]): void {
  if (GROUP_NAME.test(name)) return;
  throw new InvalidInputError(
    'A group has a name of 1 to 64 letters, digits, dots, hyphens and underscores that starts with a letter or a digit.',
    path,
  );
}
