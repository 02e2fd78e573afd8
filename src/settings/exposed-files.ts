import { statSync } from 'node:fs';

/** Settings that name a file with secrets. */
const SECRET_FILES = ['TRAINYARD_TOKENS_FILE', 'TRAINYARD_WEBHOOKS_FILE', 'TRAINYARD_TLS_KEY'] as const;

/** A file with secrets that other users of the machine can read or write. */
export interface ExposedFile {
  readonly setting: string;
  readonly path: string;
}

/** Those of the files that settings name, and that should be for the server's user only (mode 600), that are not. */
export function findExposedFiles(environment: Readonly<NodeJS.ProcessEnv>): readonly ExposedFile[] {
  return SECRET_FILES.flatMap((setting) => {
    const path = environment[setting];
    if (!path) return [];
    const mode = statSync(path, { throwIfNoEntry: false })?.mode ?? 0;
    return (mode & 0o066) === 0 ? [] : [{ setting, path }];
  });
}
