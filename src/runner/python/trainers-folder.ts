import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { isNotThere } from '../system-errors.ts';

/** More entries than this are not looked at. Python lists no more scripts either. */
const MAX_ENTRIES = 2000;

/**
 * A digest of what can change the list of trainers: the names, sizes and times of the scripts in the trainers folder.
 * @returns a constant if the folder is missing or cannot be read; Python says why
 */
export async function signatureOf(folder: string): Promise<string> {
  const digest = createHash('sha256');
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    const scripts = entries
      .slice(0, MAX_ENTRIES)
      .map((entry) => join(folder, entry.name, ...(entry.isDirectory() ? ['__main__.py'] : [])))
      .sort();
    const files = await Promise.all(scripts.map((path) => stat(path, { bigint: true }).catch(() => null)));
    for (const [index, file] of files.entries()) {
      digest.update(`${scripts[index]}\0${file ? `${file.ino}:${file.size}:${file.mtimeNs}:${file.ctimeNs}` : ''}\n`);
    }
  } catch (error) {
    if (!isNotThere(error)) digest.update('unreadable');
  }
  return digest.digest('base64');
}
