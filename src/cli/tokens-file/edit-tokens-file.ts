import {
  chownSync,
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { parseTokenLines, type Token } from '../../settings/tokens.ts';
import { UsageError } from '../usage-error.ts';

/** A tokens file: its lines, comments included, and the tokens in them. */
export interface TokensFile {
  readonly text: string;
  readonly tokens: readonly Token[];
}

/**
 * Reads a tokens file; a file that does not exist is empty.
 * @throws UsageError if it cannot be read, or has an error
 */
export function readTokensFile(path: string): TokensFile {
  const text = readText(path);
  const tokens = parseTokenLines(text);
  if (typeof tokens === 'string') throw new UsageError(`The tokens file ${path} ${tokens}. Correct it first.`);
  return { text, tokens };
}

/**
 * Replaces the content of a tokens file at once, so that a server never reads a part of it. The file gets the mode 0600 and keeps its
 * owner. The temporary file is also the lock: of two commands at once, one fails and changes nothing, so no token that one of
 * them revokes comes back.
 * @param change returns the new text
 * @throws UsageError if the file cannot be read or written, or another command is changing it
 */
export function changeTokensFile(path: string, change: (file: TokensFile) => string): void {
  const target = realPathOf(path);
  const temporary = `${target}.new`;
  const descriptor = open(temporary);
  try {
    const text = change(readTokensFile(target));
    writeSync(descriptor, text);
    keepOwner(target, temporary);
    fsyncSync(descriptor);
    renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error instanceof UsageError ? error : cannot('write', path, error);
  } finally {
    closeSync(descriptor);
  }
}

function open(temporary: string): number {
  try {
    return openSync(temporary, 'wx', 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw cannot('write', temporary, error);
    throw new UsageError(`Another command is changing the tokens file. If none is, delete ${temporary}.`, {
      cause: error,
    });
  }
}

/** A command of root must not take the file away from the server's user. */
function keepOwner(target: string, temporary: string): void {
  const stats = statSync(target, { throwIfNoEntry: false });
  if (stats && process.getuid?.() === 0) chownSync(temporary, stats.uid, stats.gid);
}

/** The file behind a symbolic link. */
function realPathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw cannot('read', path, error);
  }
}

function cannot(verb: string, path: string, error: unknown): UsageError {
  const code = (error as NodeJS.ErrnoException).code ?? 'error';
  return new UsageError(`Cannot ${verb} ${path} (${code}).`, { cause: error });
}
