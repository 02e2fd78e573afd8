import { chmodSync, lstatSync, mkdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Home } from '../../../home.ts';
import type { ProcessIdentity } from '../../../job/reports.ts';
import { identity } from './messages.ts';

/** The maximum of the kernel's `sun_path`, without its final zero. */
const MAX_SOCKET_PATH = 107;

/** The paths of the fork server of a home. */
export interface ForkServerFolder {
  readonly socket: string;
  /** The output of the fork server. */
  readonly log: string;
}

/**
 * Creates the private folder of the fork server, if it is missing.
 * @throws if it cannot be created, is not private, or has too long a path for a socket
 */
export function openFolder(home: Home): ForkServerFolder {
  const path = join(home.artifacts, 'fork-server');
  const socket = join(path, 'socket');
  if (Buffer.byteLength(socket) > MAX_SOCKET_PATH) {
    throw new Error(
      `The path of its socket has more than ${MAX_SOCKET_PATH} bytes: ${socket}. Use a shorter home folder.`,
    );
  }
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const state = lstatSync(path);
  if (!state.isDirectory() || state.uid !== process.getuid?.()) {
    throw new Error(`${path} must be a folder of the user of this server.`);
  }
  if ((state.mode & 0o077) !== 0) chmodSync(path, 0o700);
  return { socket, log: join(path, 'log') };
}

/** The process that holds the lock of the folder, or held it last; undefined if it is not known. */
export async function readHolder(home: Home): Promise<ProcessIdentity | undefined> {
  const text = await readFile(join(home.artifacts, 'fork-server', 'lock'), 'utf8').catch(() => '');
  try {
    return identity.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
