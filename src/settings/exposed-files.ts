import { statSync } from 'node:fs';

const NOT_TO_READ_OR_WRITE = 0o066;
/** Keys of an identity provider are public, but a user who can write them can sign in as anyone. */
const NOT_TO_WRITE = 0o022;

/** Settings that name a file to protect, and the bits that its mode must not have. */
const PROTECTED_FILES = {
  TRAINYARD_TOKENS_FILE: NOT_TO_READ_OR_WRITE,
  TRAINYARD_WEBHOOKS_FILE: NOT_TO_READ_OR_WRITE,
  TRAINYARD_TLS_KEY: NOT_TO_READ_OR_WRITE,
  TRAINYARD_JWT_JWKS: NOT_TO_WRITE,
} as const;

/** A file that other users of the machine can read or write, and must not. */
export interface ExposedFile {
  readonly setting: string;
  readonly path: string;
}

/** The files in settings that should be private to the server's user (mode 600) and are not. */
export function findExposedFiles(environment: Readonly<NodeJS.ProcessEnv>): readonly ExposedFile[] {
  return Object.entries(PROTECTED_FILES).flatMap(([setting, forbidden]) => {
    const path = environment[setting];
    if (!path) return [];
    const mode = statSync(path, { throwIfNoEntry: false })?.mode ?? 0;
    return (mode & forbidden) === 0 ? [] : [{ setting, path }];
  });
}
