import { chmodSync, statSync } from 'node:fs';
import type { Home } from './home.ts';
import type { Logger } from './logger.ts';

/** Permission bits of everyone but the owner. */
const OTHERS = 0o077;

/**
 * Makes the folders of a home from an earlier version private: other users of the machine could enter them, and the record contains inputs
 * and logs. This happens once. An administrator may open `models/` or `datasets/` to a group later; only the record stays private. The mode
 * of the home folder itself does not change, because it may be a project that others work in.
 */
export function closeFolders({ artifacts, models, datasets }: Home, logger: Logger): void {
  if (!isOpen(artifacts)) return;
  for (const folder of [artifacts, models, datasets]) {
    if (!isOpen(folder)) continue;
    try {
      chmodSync(folder, 0o700);
      logger.info(
        { folder },
        'other users of this machine could enter this folder; now only the user of the server can',
      );
    } catch (error) {
      // The folder of another user, for example a volume.
      logger.warn({ err: error, folder }, 'other users of this machine can enter this folder. Set its mode to 700');
    }
  }
}

function isOpen(folder: string): boolean {
  return ((statSync(folder, { throwIfNoEntry: false })?.mode ?? 0) & OTHERS) !== 0;
}
