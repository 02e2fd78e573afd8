import { chmod, opendir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isCode } from '../system-errors.ts';

/**
 * Removes a folder with everything in it; does nothing if there is none. Links are removed and not followed. A script may have made
 * folders that even their owner cannot write to: these are opened first.
 */
export async function removeFolder(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true });
  } catch (error) {
    if (!isCode(error, 'EACCES') && !isCode(error, 'EPERM')) throw error;
    await open(path);
    await rm(path, { recursive: true, force: true });
  }
}

async function open(folder: string): Promise<void> {
  await chmod(folder, 0o700);
  for await (const entry of await opendir(folder)) if (entry.isDirectory()) await open(join(folder, entry.name));
}
