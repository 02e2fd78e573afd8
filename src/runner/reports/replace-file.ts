import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Home } from '../home.ts';

/**
 * Replaces `path` by `value` as JSON, atomically: writes to staging, then renames.
 * @param durable also fsync the file and its folder, so that content and name survive a power failure
 */
export async function replaceFile(home: Home, path: string, value: unknown, durable: boolean): Promise<void> {
  const staged = join(home.staging, `${basename(path)}.${randomBytes(6).toString('hex')}`);
  try {
    const file = await open(staged, 'wx', 0o600);
    try {
      await file.writeFile(JSON.stringify(value));
      if (durable) await file.sync();
    } finally {
      await file.close();
    }
    await rename(staged, path);
  } catch (error) {
    await rm(staged, { force: true });
    throw error;
  }
  if (!durable) return;
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
